import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { inspect } from 'node:util'
import { Problem } from '#core/domain/problem.ts'
import { openHashicorpSource } from '#services/key-vault/hashicorp/hashicorp-source.ts'
import type { HashicorpSettings } from '#services/key-vault/hashicorp/hashicorp-source.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'
import { reply, secretOf, startScriptedVault } from '#tests/support/scripted-vault.ts'
import type { ScriptedVault } from '#tests/support/scripted-vault.ts'

const canary = 'sk-canary-of-the-server'
const token = 'hvs.canary-of-the-token'
const folder = mkdtempSync(join(tmpdir(), 'signalbox-source-'))
let vault: ScriptedVault
const open: SecretSource[] = []

before(async () => {
  vault = await startScriptedVault()
})
beforeEach(() => {
  vault.play((response) => reply(response, 200, secretOf({ value: canary, other: 7, empty: ' ' })))
})
after(async () => {
  for (const source of open) await source.close?.()
  await vault.close()
  rmSync(folder, { recursive: true, force: true })
})

async function house(
  wish: Partial<HashicorpSettings> = {},
  credentials: Record<string, string> = { VAULT_TOKEN: token },
) {
  const warnings: string[] = []
  const failures: unknown[] = []
  const time = { ms: 0 }
  const source = await openHashicorpSource(
    {
      clock: { nowMs: () => time.ms, monotonicMs: () => time.ms },
      chance: { fraction: () => 0, uniqueId: () => 'id' },
      credential: (name) => credentials[name],
      restMs: () => 5_000,
      warn: (sentence) => warnings.push(sentence),
      report: (failure) => failures.push(failure),
    },
    {
      address: vault.address,
      namespace: undefined,
      mount: 'secret',
      kvVersion: 2,
      path: undefined,
      field: 'value',
      commonSecret: undefined,
      login: { method: 'token', mount: 'token', role: undefined, serviceAccountFile: '' },
      caFile: undefined,
      timeoutMs: 20_000,
      ...wish,
    },
  )
  open.push(source)
  return { source, warnings, failures, time }
}

/** What a reading is refused with: its sentence and its mend, without a word of what must stay secret. */
async function refusal(source: SecretSource, name = 'team/openai'): Promise<string> {
  try {
    await source.read(name)
  } catch (thrown) {
    assert.ok(thrown instanceof Problem, inspect(thrown))
    assert.ok(['config_invalid', 'store_unavailable'].includes(thrown.code))
    for (const secret of [canary, token]) assert.ok(!inspect(thrown, { depth: 9 }).includes(secret))
    return `${thrown.message} ${thrown.mend}`
  }
  return assert.fail('the reading succeeded')
}

test('a secret is asked for with token and namespace at its path, and its field handed over', async () => {
  const { source } = await house({ namespace: 'team1', mount: 'kv/own' })
  assert.equal((await source.read('a b/openai'))?.reveal(), canary)
  const asked = vault.questions.at(-1)
  assert.equal(asked?.path, 'kv/own/data/a%20b/openai')
  assert.deepEqual(
    [asked?.headers['x-vault-token'], asked?.headers['x-vault-namespace'], asked?.headers['x-vault-request']],
    [token, 'team1', 'true'],
  )
  assert.match(source.describe(), /\(mount kv\/own, namespace team1\)/)
})

test('version 1 of the engine has no data folder', async () => {
  vault.play((response) => reply(response, 200, { data: { value: canary } }))
  const { source } = await house({ kvVersion: 1 })
  assert.equal((await source.read('openai'))?.reveal(), canary)
  assert.equal(vault.questions.at(-1)?.path, 'secret/openai')
})

test('usual names are fields of one secret, which is read once for all that want it at once', async () => {
  const keys = { OPENAI_API_KEY: canary, COHERE_API_KEY: 'co' }
  vault.play((response) => reply(response, 200, secretOf(keys)))
  const { source, warnings } = await house({ commonSecret: 'keys' })
  const before = vault.questions.length
  const names = ['OPENAI_API_KEY', 'COHERE_API_KEY', 'GROQ_API_KEY']
  const read = await Promise.all(names.map((name) => source.read(name)))
  assert.deepEqual(
    read.map((secret) => secret?.reveal()),
    [canary, 'co', undefined],
  )
  const asked = vault.questions.slice(before).filter(({ path }) => path === 'secret/data/keys')
  assert.equal(asked.length, 1)
  assert.deepEqual(warnings, [])
})

test('without a common secret the server is not asked for usual names', async () => {
  const { source } = await house()
  const before = vault.questions.length
  assert.equal(await source.read('OPENAI_API_KEY'), undefined)
  assert.equal(vault.questions.length, before)
})

test('a secret or a field that is not there is told once, with its place', async () => {
  const { source, warnings } = await house()
  for (const name of ['openai#key', 'openai#key', 'openai#empty'])
    assert.equal(await source.read(name), undefined)
  vault.play((response) => reply(response, 404, { errors: [] }))
  assert.equal(await source.read('gone'), undefined)
  assert.equal(await source.read('gone'), undefined)
  assert.equal(warnings.length, 3)
  assert.match(warnings[0] ?? '', /no field key at secret\/data\/openai/)
  assert.match(warnings[2] ?? '', /no secret at secret\/data\/gone/)
  vault.play((response) =>
    reply(response, 404, { data: { data: null, metadata: { deletion_time: '2026-01-01T00:00:00Z' } } }),
  )
  assert.equal(await source.read('deleted'), undefined)
})

test('a field that is no text is refused without a word of it', async () => {
  const { source } = await house()
  assert.match(await refusal(source, 'openai#other'), /field other .* is not text/)
})

const refused: readonly (readonly [string, number, unknown, RegExp])[] = [
  [
    'forbidden: the path and the policy are named',
    403,
    { errors: [] },
    /path "secret\/data\/team\/openai" \{ capabilities = \["read"\] \}/,
  ],
  [
    'a mount that is none',
    404,
    { errors: ['no handler for route "x".'] },
    /Nothing is mounted .*mount \(secret\)/,
  ],
  ['a namespace that is none', 404, { errors: ['namespace not found'] }, /VAULT_NAMESPACE/],
  [
    'another version of the engine',
    404,
    { data: null, warnings: ['a versioned K/V engine'] },
    /kv_version to 2/,
  ],
  ['another form of answer', 200, { data: { value: canary } }, /kv_version: 1 or 2/],
  ['sealed', 503, { errors: ['Vault is sealed'] }, /is sealed.*operator unseal/],
  ['a standby', 473, {}, /answered 473/],
  ['rate limited', 429, { errors: ['request path quota exceeded'] }, /answered 429/],
  ['broken', 500, { errors: [`internal error about ${canary}`] }, /answered 500/],
  ['no JSON', 200, '<html>', /no secret server.*port/],
  ['a list', 200, '[]', /no secret server/],
  ['JSON without end', 200, '{"data":', /no secret server/],
  ['nested without end', 200, '['.repeat(100_000), /no secret server/],
  ['nothing at all', 200, '', /kv_version/],
]

for (const [title, status, body, sentence] of refused) {
  test(`an answer that is ${title}, says what to mend`, async () => {
    vault.play((response) => reply(response, status, body))
    const { source } = await house()
    assert.match(await refusal(source), sentence)
  })
}

test('a redirect is not followed: the token goes nowhere else', async () => {
  vault.play((response) => {
    response.writeHead(307, { location: `${vault.address}/v1/elsewhere` })
    response.end()
  })
  const { source } = await house()
  assert.match(await refusal(source), /redirect, which is not followed/)
  assert.ok(!vault.questions.some(({ path }) => path === 'elsewhere'))
})

test('an answer without end is given up', async () => {
  vault.play((response) => {
    response.writeHead(200)
    const pour = () => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
    }
    response.on('drain', pour)
    pour()
  })
  const { source } = await house()
  assert.match(await refusal(source), /more than 1048576 bytes/)
})

test('a server that takes the question and says nothing, or not all, is given up in time', async () => {
  const { source } = await house({ timeoutMs: 100 })
  vault.play(() => undefined)
  assert.match(await refusal(source), /100 ms/)
  vault.play((response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"data":')
  })
  assert.match(await refusal(source), /100 ms/)
})

test('a connection that is cut, and a server that is away, are told', async () => {
  vault.play((response) => void response.destroy())
  const { source } = await house()
  assert.match(await refusal(source), /cannot be reached/)
  const { source: nobody } = await house({ address: 'http://127.0.0.1:9' })
  assert.match(await refusal(nobody), /cannot be reached: ECONNREFUSED/)
})

test('a login without its credentials, or refused, names what to set', async () => {
  const login = { method: 'approle', mount: 'approle', role: undefined, serviceAccountFile: '' } as const
  const { source: without } = await house({ login }, {})
  assert.match(await refusal(without), /VAULT_ROLE_ID is not set/)
  const { source: empty } = await house({}, {})
  assert.match(await refusal(empty), /Set VAULT_TOKEN, or VAULT_TOKEN_FILE/)
  vault.play((response) => reply(response, 400, { errors: ['invalid role or secret ID'] }))
  const { source: wrong } = await house({ login }, { VAULT_ROLE_ID: 'r', VAULT_SECRET_ID: canary })
  assert.match(await refusal(wrong), /refused the login by approle at auth\/approle with 400/)
  assert.match(await refusal(wrong), /VAULT_ROLE_ID and VAULT_SECRET_ID/)
})

test('a secret id that was refused is shown again when it has changed, or when the server has forgotten it', async () => {
  const login = { method: 'approle', mount: 'approle', role: undefined, serviceAccountFile: '' } as const
  const credentials = { VAULT_ROLE_ID: 'r', VAULT_SECRET_ID: 'wrong' }
  const { source, time } = await house({ login }, credentials)
  vault.play((response) => reply(response, 400, { errors: ['invalid role or secret ID'] }))
  const before = vault.questions.length
  for (time.ms = 0; time.ms < 900_000; time.ms += 60_000) await refusal(source)
  assert.equal(vault.questions.length, before + 1)
  time.ms = 1_000_000
  await refusal(source)
  assert.equal(vault.questions.length, before + 2)
  time.ms += 60_000
  vault.play((response) => reply(response, 503, { errors: ['Vault is sealed'] }))
  credentials.VAULT_SECRET_ID = 'right'
  assert.match(await refusal(source), /is sealed/)
  time.ms += 60_000
  vault.play((response, { path }) =>
    path.startsWith('auth/')
      ? reply(response, 200, { auth: { client_token: token, lease_duration: 60, renewable: true } })
      : reply(response, 200, secretOf({ value: canary })),
  )
  assert.equal((await source.read('openai'))?.reveal(), canary)
})

test('login by kubernetes sends the token of the service account as it is at that moment', async () => {
  const serviceAccountFile = join(folder, 'account')
  const login = { method: 'kubernetes', mount: 'kubernetes', role: 'signalbox', serviceAccountFile } as const
  const { source: without } = await house({ login }, {})
  assert.match(await refusal(without), /service account's token .*account cannot be read/)
  writeFileSync(serviceAccountFile, ' jwt-of-the-pod\n')
  vault.play((response, { path }) =>
    path.startsWith('auth/')
      ? reply(response, 200, { auth: { client_token: token, lease_duration: 60, renewable: true } })
      : reply(response, 200, secretOf({ value: canary })),
  )
  const { source } = await house({ login }, {})
  assert.equal((await source.read('openai'))?.reveal(), canary)
  const asked = vault.questions.findLast(({ path }) => path === 'auth/kubernetes/login')
  assert.deepEqual(JSON.parse(asked?.body ?? ''), { role: 'signalbox', jwt: 'jwt-of-the-pod' })
})

test('certificates that cannot be read are refused at once', async () => {
  await assert.rejects(house({ caFile: join(folder, 'none.pem') }), /certificates .*none\.pem/)
})
