/** A real OpenBao or HashiCorp Vault server for tests, sealed and unsealed for real; undefined, with the reason, where none is installed. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { freePort, untilOpen } from './real-server.ts'

export interface RealVault {
  readonly address: string
  /** The same server behind TLS, when a certificate was wished for; else empty. */
  readonly secureAddress: string
  /** May do everything. */
  readonly rootToken: string
  /** What the API answers to the root token; throws unless it is a success. */
  api(method: string, path: string, body?: JsonObject): Promise<JsonObject>
  /** Writes a secret of the mount `secret` (KV version 2). */
  write(path: string, fields: Readonly<Record<string, string>>): Promise<void>
  seal(): Promise<void>
  unseal(): Promise<void>
  /** Freezes the process: connections stay open and nobody answers. */
  freeze(): void
  thaw(): void
  /** Ends the process as a lost machine would, and keeps its files. */
  kill(): Promise<void>
  /** Starts it again with the same files, after `kill`, and unseals it. */
  revive(): Promise<void>
  stop(): Promise<void>
}

const programs = ['bao', 'vault']

const installed = () => programs.find((program) => spawnSync(program, ['version']).status === 0)

/** What to tell instead of running a test; undefined when a server can be started. */
export function whyNoVault(): string | undefined {
  return installed() === undefined
    ? 'neither bao (OpenBao) nor vault is on the PATH; .ci/run shows where to get one'
    : undefined
}

export interface VaultWish {
  /** PEM files; with them the server speaks TLS too. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string }
}

/** Throws when the server does not come up. With a KV engine of version 2 at `secret`, and AppRole. */
export async function startVault({ tls }: VaultWish = {}): Promise<RealVault> {
  const program = installed()
  if (program === undefined) throw new Error('no secret server is installed')
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-vault-'))
  const address = `http://127.0.0.1:${port}`
  mkdirSync(join(directory, 'files'))
  const configFile = join(directory, 'server.json')
  const [clusterPort, securePort] = [await freePort(), await freePort()]
  writeFileSync(
    configFile,
    JSON.stringify(configOf({ address, directory, clusterPort, tls: tls && { ...tls, port: securePort } })),
  )
  const launch = async (): Promise<{ server: ChildProcess; exited: Promise<unknown> }> => {
    const server = spawn(program, ['server', `-config=${configFile}`], { stdio: 'ignore', cwd: directory })
    const exited = once(server, 'exit')
    await untilOpen(port).catch((failure: unknown) => {
      server.kill('SIGKILL')
      throw failure
    })
    return { server, exited }
  }
  let running = await launch()
  const kill = async () => {
    running.server.kill('SIGKILL')
    await running.exited
  }
  const stop = async () => {
    await kill()
    rmSync(directory, { recursive: true, force: true })
  }
  const orStop = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act()
    } catch (failure) {
      await stop()
      throw failure
    }
  }
  const initial = { secret_shares: 1, secret_threshold: 1 }
  const open = await orStop(() =>
    eventually(() => ask(address, { method: 'PUT', path: 'sys/init', body: initial })),
  )
  const rootToken = asString(open['root_token']) ?? ''
  const key = asString(asArray(open['keys'])[0]) ?? ''
  const api = (method: string, path: string, body?: JsonObject) =>
    ask(address, { method, path, body, token: rootToken })
  const unseal = async () => {
    await eventually(() => api('PUT', 'sys/unseal', { key }))
    // Unsealed is not yet ready: it makes itself the active one first, and says so by its status.
    await eventually(() => api('GET', 'sys/health'))
  }
  const write = async (path: string, fields: Readonly<Record<string, string>>) => {
    // A mount that was just made is being upgraded to versions for a moment.
    await eventually(() => api('POST', `secret/data/${path}`, { data: fields }))
  }
  await orStop(async () => {
    await unseal()
    await api('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } })
    await api('POST', 'sys/auth/approle', { type: 'approle' })
    await write('ready', { value: 'yes' })
  })
  return {
    address,
    secureAddress: tls ? `https://127.0.0.1:${securePort}` : '',
    rootToken,
    api,
    write,
    async seal() {
      await api('PUT', 'sys/seal')
      await eventually(async () => {
        const { status } = await fetch(`${address}/v1/sys/health`)
        if (status !== 503) throw new Error('the server is not sealed yet')
      })
    },
    unseal,
    freeze: () => void running.server.kill('SIGSTOP'),
    thaw: () => void running.server.kill('SIGCONT'),
    kill,
    async revive() {
      running = await launch()
      await unseal()
    },
    stop,
  }
}

interface ServerPlace {
  readonly address: string
  readonly directory: string
  readonly clusterPort: number
  readonly tls: (NonNullable<VaultWish['tls']> & { readonly port: number }) | undefined
}

function configOf({ address, directory, clusterPort, tls }: ServerPlace): JsonObject {
  const clusterAddress = `127.0.0.1:${clusterPort}`
  const plain = { address: new URL(address).host, cluster_address: clusterAddress, tls_disable: true }
  const secure = tls && {
    address: `127.0.0.1:${tls.port}`,
    tls_cert_file: tls.certificateFile,
    tls_key_file: tls.keyFile,
  }
  return {
    storage: {
      raft: { path: join(directory, 'files'), node_id: 'one', performance_multiplier: '1' },
    },
    listener: [{ tcp: plain }, ...(secure ? [{ tcp: secure }] : [])],
    disable_mlock: true,
    api_addr: address,
    cluster_addr: `https://${clusterAddress}`,
  }
}

interface VaultCall {
  readonly method: string
  readonly path: string
  readonly body?: JsonObject | undefined
  readonly token?: string
}

async function ask(address: string, { method, path, body, token }: VaultCall): Promise<JsonObject> {
  const response = await fetch(`${address}/v1/${path}`, {
    method,
    ...(token === undefined ? {} : { headers: { 'x-vault-token': token } }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`)
  return asObject(text === '' ? {} : (JSON.parse(text) as unknown)) ?? {}
}

export interface RoleWish {
  readonly name: string
  readonly ttl: string
  readonly maxTtl?: string
  /** Paths of the mount `secret` that may be read. */
  readonly reads: readonly string[]
}

/** An AppRole with a policy of its own, and the credentials to log in as it. */
export async function makeRole(vault: RealVault, { name, ttl, maxTtl = ttl, reads }: RoleWish) {
  const rules = reads.map((path) => `path "secret/data/${path}" { capabilities = ["read"] }`)
  await vault.api('PUT', `sys/policies/acl/${name}`, { policy: rules.join('\n') })
  await vault.api('POST', `auth/approle/role/${name}`, {
    token_policies: [name],
    token_ttl: ttl,
    token_max_ttl: maxTtl,
  })
  const field = async (method: string, path: string, of: string) =>
    asString(asObject((await vault.api(method, `auth/approle/role/${name}/${path}`))['data'])?.[of]) ?? ''
  return {
    VAULT_ROLE_ID: await field('GET', 'role-id', 'role_id'),
    VAULT_SECRET_ID: await field('POST', 'secret-id', 'secret_id'),
  }
}
