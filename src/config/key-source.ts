/** Where provider keys come from: what the settings ask for, and what this version can do. */
import type { KeyVaultConfig } from '#config/config.ts'
import type { EnvironmentSettings } from '#config/environment.ts'
import { isLoopback } from '#config/exposure.ts'
import type { ConfigFault, ConfigPath } from '#config/fault.ts'
import type { AdminConfig } from '#config/schema.ts'
import type { SecretServerConfig } from '#config/secret-server-config.ts'

export interface KeySource {
  readonly provider: KeyVaultConfig['provider']
  readonly file: string | undefined
  readonly server: SecretServerConfig | undefined
  readonly faults: readonly ConfigFault[]
  readonly warnings: readonly string[]
}

type Settings = AdminConfig['key_vault']
type KeyEnvironment = Pick<EnvironmentSettings, 'keyVaultUrl' | 'secretServer'>

const nothing = { file: undefined, server: undefined, faults: [], warnings: [] }

/** Falls back to the environment for vaults that are not live in this version, with a warning that says so. */
export function chooseKeySource(settings: Settings, environment: KeyEnvironment): KeySource {
  const { provider: kind } = settings
  if (kind === 'hashicorp') return secretServer(settings, environment)
  if (kind !== 'env' && kind !== 'file')
    return environmentInstead(`key_vault.provider ${kind} is not live in this version`)
  const address = environment.keyVaultUrl ?? settings.vault_url
  const addressFile = fileOf(address)
  if (address !== undefined && addressFile === undefined) {
    const { name } = addressPlace(environment)
    return environmentInstead(`${name} names a server, and key_vault.provider ${kind} asks none`)
  }
  const file = addressFile ?? settings.file
  if (kind === 'env' && addressFile === undefined) return { ...nothing, provider: 'env' }
  const reason = 'is missing: provider file needs a folder or a file of secrets'
  const faults = file === undefined ? [{ path: ['key_vault', 'file'], reason }] : []
  return { ...nothing, provider: 'file', file, faults }
}

function environmentInstead(why: string): KeySource {
  const warning = `${why}: provider keys are read from the environment.`
  return { ...nothing, provider: 'env', warnings: [warning] }
}

/** The path inside a `file:` address. */
function fileOf(address: string | undefined): string | undefined {
  if (!address?.startsWith('file:')) return undefined
  const path = URL.parse(address)?.pathname
  return path === undefined || path === '/' ? undefined : decodeURIComponent(path)
}

interface Place {
  readonly name: string
  readonly source?: string
  readonly path: ConfigPath
}

/** Where the address is stated: the setting, unless a variable replaces it. */
function addressPlace({ keyVaultUrl }: KeyEnvironment, isUsual = false): Place {
  const variable = keyVaultUrl !== undefined ? 'KEY_VAULT_URL' : isUsual ? 'VAULT_ADDR' : undefined
  return variable === undefined
    ? { name: 'key_vault.vault_url', path: ['key_vault', 'vault_url'] }
    : { name: variable, source: 'environment', path: [variable] }
}

function secretServer(settings: Settings, environment: KeyEnvironment): KeySource {
  const faults: ConfigFault[] = []
  const own = environment.keyVaultUrl ?? settings.vault_url
  const stated = own ?? environment.secretServer.address
  const { source, path } = addressPlace(environment, own === undefined && stated !== undefined)
  const address = addressOf(stated, settings.hashicorp.allow_unencrypted, (reason) =>
    faults.push({ ...(source === undefined ? {} : { source }), path, reason }),
  )
  const { login } = settings.hashicorp
  if (login.method === 'kubernetes' && login.role === undefined) {
    const reason = 'is missing: login by kubernetes needs the role that the service account is bound to'
    faults.push({ path: ['key_vault', 'hashicorp', 'login', 'role'], reason })
  }
  const server = address === undefined ? undefined : toServer(settings, environment, address)
  return { provider: 'hashicorp', file: undefined, server, faults, warnings: [] }
}

/** The address in its plain form; undefined, with the reason reported, when it cannot be used. */
function addressOf(
  stated: string | undefined,
  mayBeUnencrypted: boolean,
  report: (reason: string) => void,
): string | undefined {
  if (stated === undefined) {
    report(
      'is missing: provider hashicorp needs the address of the secret server, like https://vault.example.com:8200',
    )
    return undefined
  }
  const url = URL.parse(stated)
  if (!url || !/^https?:$/.test(url.protocol)) {
    report('must be the address of the secret server, like https://vault.example.com:8200')
    return undefined
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    report('must have no user, password, query or #: the token stands in VAULT_TOKEN')
    return undefined
  }
  if (url.protocol === 'http:' && !mayBeUnencrypted && !isLoopback(url.hostname)) {
    report(
      'must begin with https:// beyond this machine, or key_vault.hashicorp.allow_unencrypted be true: tokens and keys travel there',
    )
    return undefined
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

function toServer(
  { hashicorp }: Settings,
  { secretServer: stated }: KeyEnvironment,
  address: string,
): SecretServerConfig {
  const { login } = hashicorp
  return {
    address,
    namespace: stated.namespace ?? hashicorp.namespace,
    mount: hashicorp.mount,
    kvVersion: hashicorp.kv_version,
    path: hashicorp.path,
    field: hashicorp.field,
    commonSecret: hashicorp.common_secret,
    login: {
      method: login.method,
      mount: login.mount ?? login.method,
      role: login.role,
      serviceAccountFile: login.service_account_file,
    },
    caFile: stated.caFile ?? hashicorp.ca_file,
    timeoutMs: hashicorp.timeout_ms,
  }
}
