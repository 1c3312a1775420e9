/** Secrets of a real OpenBao or Vault server: logins, tokens that end, policies, namespaces, TLS, and both versions of the engine. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { systemChance, systemClock } from '#composition/weather.ts'
import { asObject, asString } from '#core/domain/json.ts'
import { openHashicorpSource } from '#services/key-vault/hashicorp/hashicorp-source.ts'
import type { HashicorpSettings } from '#services/key-vault/hashicorp/hashicorp-source.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { makeRole, startVault, whyNoVault } from '#tests/support/real-vault.ts'
import type { RealVault } from '#tests/support/real-vault.ts'

const skip = whyNoVault() ?? false
const approle = { method: 'approle', mount: 'approle', role: undefined, serviceAccountFile: '' } as const
const token = { ...approle, method: 'token', mount: 'token' } as const
const usual = {
  namespace: undefined,
  mount: 'secret',
  kvVersion: 2,
  path: undefined,
  field: 'value',
  commonSecret: undefined,
  login: approle,
  caFile: undefined,
  // A busy machine is no reason to fail.
  timeoutMs: 30_000,
} as const

describe('a real secret server', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-contract-'))
  let vault: RealVault
  const open: SecretSource[] = []
  before(async () => {
    vault = await startVault()
    await vault.write('team/openai', { value: 'sk-1', spare: 'sk-2' })
  })
  after(async () => {
    for (const source of open) await source.close?.()
    await vault.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const house = async (credentials: Record<string, string>, wish: Partial<HashicorpSettings> = {}) => {
    const failures: unknown[] = []
    const warnings: string[] = []
    const source = await openHashicorpSource(
      {
        clock: systemClock,
        chance: systemChance,
        credential: (name) => credentials[name],
        restMs: () => 0,
        warn: (sentence) => warnings.push(sentence),
        report: (failure) => failures.push(failure),
      },
      {
        address: vault.address,
        ...usual,
        ...wish,
      },
    )
    open.push(source)
    const read = async (name = 'team/openai') => (await source.read(name))?.reveal()
    return { source, read, failures, warnings }
  }
  const root = (wish: Partial<HashicorpSettings> = {}) =>
    house({ VAULT_TOKEN: vault.rootToken }, { login: token, ...wish })

  it('is read by AppRole, whole and by field', async () => {
    const role = await makeRole(vault, { name: 'reader', ttl: '1h', reads: ['team/*'] })
    const { read } = await house(role)
    assert.deepEqual([await read(), await read('team/openai#spare')], ['sk-1', 'sk-2'])
    assert.equal(await read('team/openai#none'), undefined)
    assert.equal(await read('team/none'), undefined)
  })

  it('renews a token before its lease ends, and logs in again when it may not be renewed any more', async () => {
    const role = await makeRole(vault, { name: 'brief', ttl: '2s', maxTtl: '5s', reads: ['team/*'] })
    const { source, read, failures } = await house(role)
    const accessors = async () => {
      const listed = await vault.api('LIST', 'auth/token/accessors')
      return asObject(listed['data'])?.['keys'] as readonly string[]
    }
    const seen = new Set(await accessors())
    const before = seen.size
    assert.equal(await read(), 'sk-1')
    // Nothing is read meanwhile that could find the first token ended, so it was replaced before.
    await eventually(async () => {
      source.tend?.()
      for (const accessor of await accessors()) seen.add(accessor)
      if (seen.size < before + 2) throw new Error('the first token still lives')
    })
    assert.equal(await read(), 'sk-1')
    assert.deepEqual(failures, [])
  })

  it('a token that ended, or was taken away, is replaced by a login at the next reading', async () => {
    const role = await makeRole(vault, { name: 'revoked', ttl: '1h', reads: ['team/*'] })
    const { read } = await house(role)
    assert.equal(await read(), 'sk-1')
    await vault.api('PUT', 'sys/leases/revoke-prefix/auth/approle/login')
    assert.equal(await read(), 'sk-1')
  })

  it('a given token that was taken away is taken anew from where it was given', async () => {
    await vault.api('PUT', 'sys/policies/acl/given', {
      policy: 'path "secret/data/team/*" { capabilities = ["read"] }',
    })
    const make = async () => {
      const made = await vault.api('POST', 'auth/token/create', { policies: ['given'], ttl: '1h' })
      return asString(asObject(made['auth'])?.['client_token']) ?? ''
    }
    const credentials = { VAULT_TOKEN: await make() }
    const { read } = await house(credentials, { login: token })
    assert.equal(await read(), 'sk-1')
    await vault.api('POST', 'auth/token/revoke', { token: credentials.VAULT_TOKEN })
    await assert.rejects(read(), /is forbidden/)
    credentials.VAULT_TOKEN = await make()
    assert.equal(await read(), 'sk-1')
  })

  it('a path outside the policy is refused with the policy that is needed, and others are read on', async () => {
    await vault.write('other/secret', { value: 'not-for-us' })
    const role = await makeRole(vault, { name: 'narrow', ttl: '1h', reads: ['team/*'] })
    const { source, read } = await house(role)
    await assert.rejects(source.read('other/secret'), (thrown: { mend?: string; code?: string }) => {
      assert.equal(thrown.code, 'config_invalid')
      assert.match(thrown.mend ?? '', /path "secret\/data\/other\/secret" \{ capabilities = \["read"\] \}/)
      return true
    })
    assert.equal(await read(), 'sk-1')
  })

  it('a wrong secret id does not lock the role for others, however often a secret is wanted', async () => {
    const role = await makeRole(vault, { name: 'shared', ttl: '1h', reads: ['team/*'] })
    const { read: wrong } = await house({ ...role, VAULT_SECRET_ID: 'wrong' })
    for (let time = 0; time < 8; time++) await assert.rejects(wrong(), /refused the login by approle/)
    const { read } = await house(role)
    assert.equal(await read(), 'sk-1')
  })

  it('wrong credentials, mounts, versions and namespaces are told apart', async () => {
    const cases = [
      [house({ VAULT_ROLE_ID: 'a', VAULT_SECRET_ID: 'b' }), /refused the login by approle .* with 400/],
      [house({ VAULT_TOKEN: 'hvs.wrong' }, { login: token }), /forbidden/],
      [root({ mount: 'nowhere' }), /Nothing is mounted for nowhere\/data\/team\/openai/],
      [root({ kvVersion: 1 }), /keeps versions/],
      [root({ namespace: 'nobody' }), /has no namespace nobody|Nothing is mounted/],
    ] as const
    for (const [opened, sentence] of cases) {
      await assert.rejects((await opened).read(), sentence)
    }
  })

  it('a secret of version 1, and one whose version was deleted', async () => {
    await vault.api('POST', 'sys/mounts/old', { type: 'kv', options: { version: '1' } })
    await eventually(() => vault.api('POST', 'old/team/openai', { value: 'sk-old' }))
    const { read } = await root({ mount: 'old', kvVersion: 1 })
    assert.equal(await read(), 'sk-old')
    await vault.write('brief', { value: 'gone' })
    const now = await root()
    assert.equal(await now.read('brief'), 'gone')
    await vault.api('DELETE', 'secret/data/brief')
    assert.equal(await now.read('brief'), undefined)
    assert.match(now.warnings[0] ?? '', /no secret at secret\/data\/brief/)
  })

  it('login by the service account of a pod, as the Kubernetes API vouches for it', async () => {
    const kubernetes = createServer((request, response) => {
      request.resume()
      const user = { username: 'system:serviceaccount:llm:signalbox', uid: 'u-1' }
      response.writeHead(201, { 'content-type': 'application/json' })
      const head = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview' }
      response.end(JSON.stringify({ ...head, status: { authenticated: true, user } }))
    }).listen(0, '127.0.0.1')
    await once(kubernetes, 'listening')
    try {
      await makeRole(vault, { name: 'pod', ttl: '1h', reads: ['team/*'] })
      const at = `http://127.0.0.1:${(kubernetes.address() as AddressInfo).port}`
      await vault.api('POST', 'sys/auth/cluster', { type: 'kubernetes' })
      await vault.api('POST', 'auth/cluster/config', {
        kubernetes_host: at,
        disable_local_ca_jwt: true,
        token_reviewer_jwt: 'reviewer',
        kubernetes_ca_cert: readFileSync(
          join(import.meta.dirname, '../faults/certificate/certificate.pem'),
          'utf8',
        ),
      })
      await vault.api('POST', 'auth/cluster/role/signalbox', {
        bound_service_account_names: ['signalbox'],
        bound_service_account_namespaces: ['llm'],
        token_policies: ['pod'],
      })
      const serviceAccountFile = join(folder, 'account')
      writeFileSync(serviceAccountFile, serviceAccountToken())
      const login = { method: 'kubernetes', mount: 'cluster', role: 'signalbox', serviceAccountFile } as const
      const { read } = await house({}, { login })
      assert.equal(await read(), 'sk-1')
      const { read: refused } = await house({}, { login: { ...login, role: 'another' } })
      await assert.rejects(refused(), /refused the login by kubernetes at auth\/cluster/)
    } finally {
      kubernetes.closeAllConnections()
      kubernetes.close()
    }
  })
})

/** Nobody checks its signature: the API that vouches for it is the test's own. */
function serviceAccountToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const account = { namespace: 'llm', serviceaccount: { name: 'signalbox', uid: 'u-1' } }
  const claims = {
    iss: 'https://kubernetes.default.svc',
    sub: 'system:serviceaccount:llm:signalbox',
    iat: 1_700_000_000,
    exp: 4_102_444_800,
    'kubernetes.io': account,
  }
  const signature = Buffer.alloc(256, 1).toString('base64url')
  return `${part({ alg: 'RS256', kid: 'one' })}.${part(claims)}.${signature}`
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const whyNoTls = skip || (hasOpenssl ? false : 'there is no openssl to make a certificate with')

describe('a real secret server behind TLS', { skip: whyNoTls }, () => {
  it('is believed by the certificates that were named, and by no others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-tls-'))
    const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
    const form = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=vault.invalid'
    const files = ['-keyout', keyFile, '-out', certificateFile]
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1']
    const made = spawnSync('openssl', ['req', ...form.split(' '), ...names, ...files])
    assert.equal(made.status, 0)
    const vault = await startVault({ tls: { certificateFile, keyFile } })
    const sources: SecretSource[] = []
    try {
      const opened = async (caFile: string | undefined) => {
        const source = await openHashicorpSource(
          {
            clock: systemClock,
            chance: systemChance,
            credential: () => vault.rootToken,
            restMs: () => 0,
            warn: () => undefined,
            report: () => undefined,
          },
          {
            ...usual,
            address: vault.secureAddress,
            login: token,
            caFile,
          },
        )
        sources.push(source)
        return source
      }
      assert.equal((await (await opened(certificateFile)).read('ready'))?.reveal(), 'yes')
      await assert.rejects((await opened(undefined)).read('ready'), (thrown: { mend?: string }) => {
        assert.match(thrown.mend ?? '', /ca_file or VAULT_CACERT/)
        return true
      })
    } finally {
      for (const source of sources) await source.close?.()
      await vault.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
