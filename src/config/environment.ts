/** What the environment says: it wins over the file, and it alone holds secrets. */
import type { LogLevel } from '#config/config.ts'
import type { ConfigFault } from '#config/fault.ts'
import { nearestNames } from '#core/domain/nearest-names.ts'
import { Problem } from '#core/domain/problem.ts'

type Environment = Readonly<Record<string, string | undefined>>
type ReadFile = (path: string) => string | undefined

export interface EnvironmentSettings {
  readonly host: string | undefined
  readonly port: number | undefined
  readonly dataDir: string | undefined
  readonly logLevel: LogLevel | undefined
  readonly keyVaultUrl: string | undefined
  /** What the clients of HashiCorp Vault and OpenBao read too. */
  readonly secretServer: SecretServerEnvironment
  readonly adminKey: string | undefined
  readonly redisUrl: string | undefined
  readonly databaseUrl: string | undefined
  readonly databaseReadUrl: string | undefined
  readonly keyPepper: string | undefined
  /** The newest first; empty when none is set. */
  readonly responseStoreKeys: readonly string[]
  /** Addresses of providers that usually run at home, by provider name. */
  readonly baseUrls: ReadonlyMap<string, string>
  readonly faults: readonly ConfigFault[]
}

export interface SecretServerEnvironment {
  readonly address: string | undefined
  readonly namespace: string | undefined
  readonly caFile: string | undefined
}

/** The variables documented in the reference, with what each one does. */
export const environmentVariables: Readonly<Record<string, string>> = {
  CONFIG_FILE: 'The settings file; without it config/admin_config.yaml is read when it exists.',
  HOST: 'Address to listen on; replaces server.host.',
  PORT: 'Port to listen on; replaces server.port.',
  DATA_DIR: 'Folder of the embedded database; replaces storage.data_dir.',
  LOG_LEVEL: 'The least important line that is still logged; replaces log.level.',
  KEY_VAULT_URL: 'Address of the key vault; replaces key_vault.vault_url.',
  VAULT_ADDR: 'Address of the secret server, with key_vault.provider hashicorp and no other address.',
  VAULT_NAMESPACE: 'Its namespace; replaces key_vault.hashicorp.namespace.',
  VAULT_CACERT: 'Who may vouch for its certificate; replaces key_vault.hashicorp.ca_file.',
  VAULT_TOKEN: 'The token that it is asked with, for key_vault.hashicorp.login.method token.',
  VAULT_ROLE_ID: 'The role id, for login by approle.',
  VAULT_SECRET_ID: 'The secret id, for login by approle.',
  ADMIN_API_KEY:
    'The key of the operator. Without it the admin API is open on loopback in development mode only.',
  OLLAMA_BASE_URL:
    'Address of an Ollama server; replaces providers.ollama.base_url. OLLAMA_HOST is read too.',
  VLLM_BASE_URL: 'Address of a vLLM server; replaces providers.vllm.base_url.',
  AZURE_OPENAI_ENDPOINT: 'Address of an Azure OpenAI resource; replaces providers.azure-openai.base_url.',
  REDIS_URL:
    'Redis or Valkey for limits and budgets that several instances share; replaces storage.redis.url.',
  DATABASE_URL:
    'PostgreSQL for API keys and usage rows that several instances share; replaces storage.postgres.url.',
  DATABASE_READ_URL: 'A replica of it that answers reports; replaces storage.postgres.read_url.',
  KEY_PEPPER:
    '32 random bytes in base64, from which the digests of API keys are made; the same for all instances that share a database. Without it each data directory has its own.',
  RESPONSE_STORE_KEYS:
    'The keys that kept responses are encrypted with: 32 random bytes in base64 each, separated by commas, the newest first, which encrypts; the others still decrypt. The same for all instances that share a store. Needed when responses.store is on.',
}

const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Reads and checks the environment. Never throws: what is wrong is listed in `faults`. */
export function readEnvironment(environment: Environment, readFile: ReadFile): EnvironmentSettings {
  const faults: ConfigFault[] = []
  const fault = (name: string, reason: string, nearest?: string) => {
    faults.push({ source: 'environment', path: [name], reason, nearest })
  }
  const readSecret = (name: string) => secretOrFault(environment, readFile, { name, fault })
  return {
    host: stated(environment, 'HOST'),
    port: readPort(environment, fault),
    dataDir: stated(environment, 'DATA_DIR'),
    logLevel: readLogLevel(environment, fault),
    keyVaultUrl: stated(environment, 'KEY_VAULT_URL'),
    secretServer: {
      address: stated(environment, 'VAULT_ADDR'),
      namespace: stated(environment, 'VAULT_NAMESPACE'),
      caFile: stated(environment, 'VAULT_CACERT'),
    },
    adminKey: readSecret('ADMIN_API_KEY'),
    redisUrl: readSecret('REDIS_URL'),
    databaseUrl: readSecret('DATABASE_URL'),
    databaseReadUrl: readSecret('DATABASE_READ_URL'),
    keyPepper: readPepper(readSecret('KEY_PEPPER'), fault),
    responseStoreKeys: readStoreKeys(readSecret('RESPONSE_STORE_KEYS'), fault),
    baseUrls: readBaseUrls(environment, fault),
    faults,
  }
}

type Report = (name: string, reason: string, nearest?: string) => void

/** A variable's value without the blanks around it; an empty one counts as not set. */
function stated(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim()
  return text === '' ? undefined : text
}

function readPort(environment: Environment, fault: Report): number | undefined {
  const text = stated(environment, 'PORT')
  if (text === undefined) return undefined
  const port = /^\d{1,5}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN
  if (port >= 0 && port <= 65_535) return port
  fault('PORT', `must be a whole number from 0 to 65535, not "${text.slice(0, 40)}"`)
  return undefined
}

function readLogLevel(environment: Environment, fault: Report): LogLevel | undefined {
  const text = stated(environment, 'LOG_LEVEL')?.toLowerCase()
  if (text === undefined) return undefined
  const wanted = text === 'warning' ? 'warn' : text
  const level = logLevels.find((known) => known === wanted)
  if (!level) {
    fault(
      'LOG_LEVEL',
      `must be one of ${logLevels.join(', ')}, not "${text.slice(0, 40)}"`,
      nearestNames(text, logLevels, 1)[0],
    )
  }
  return level
}

interface WantedSecret {
  readonly name: string
  readonly fault: Report
}

function secretOrFault(
  environment: Environment,
  readFile: ReadFile,
  { name, fault }: WantedSecret,
): string | undefined {
  try {
    return environmentSecret(environment, readFile, name)
  } catch (error) {
    fault(`${name}_FILE`, error instanceof Error ? error.message : 'cannot be read')
    return undefined
  }
}

const secretBytes = 32
const isSecret = (text: string) => Buffer.from(text, 'base64').length === secretBytes

function readPepper(pepper: string | undefined, fault: Report): string | undefined {
  if (pepper === undefined || isSecret(pepper)) return pepper
  fault('KEY_PEPPER', 'must be 32 random bytes in base64, as "openssl rand -base64 32" prints them')
  return undefined
}

function readStoreKeys(stated: string | undefined, fault: Report): readonly string[] {
  const keys = (stated ?? '').split(/[\s,]+/).filter((key) => key !== '')
  if (keys.every(isSecret)) return keys
  fault(
    'RESPONSE_STORE_KEYS',
    'must be keys of 32 random bytes in base64, as "openssl rand -base64 32" prints them, separated by commas',
  )
  return []
}

/**
 * Addresses of servers at home. `OPENAI_BASE_URL` and its like are left alone on purpose: callers of this very
 * gateway set them to its own address.
 */
function readBaseUrls(environment: Environment, fault: Report): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const take = (provider: string, name: string, address: string | undefined) => {
    if (address === undefined || found.has(provider)) return
    if (/^https?:$/.test(URL.parse(address)?.protocol ?? '')) found.set(provider, withoutSlash(address))
    else fault(name, 'must be an http or https address')
  }
  take('ollama', 'OLLAMA_BASE_URL', withVersionPath(stated(environment, 'OLLAMA_BASE_URL')))
  take('ollama', 'OLLAMA_HOST', withVersionPath(ollamaAddress(stated(environment, 'OLLAMA_HOST'))))
  take('vllm', 'VLLM_BASE_URL', withVersionPath(stated(environment, 'VLLM_BASE_URL')))
  take('azure-openai', 'AZURE_OPENAI_ENDPOINT', stated(environment, 'AZURE_OPENAI_ENDPOINT'))
  return found
}

/** Ollama's own variable may lack the scheme and the port, and 0.0.0.0 in it means this machine. */
function ollamaAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const hasScheme = /^https?:\/\//.test(text)
  const url = URL.parse(hasScheme ? text : `http://${text}`)
  if (!url) return text
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1'
  if (url.port === '' && !hasScheme) url.port = '11434'
  return url.href
}

/** OpenAI-compatible servers answer under `/v1`, which their own address usually leaves out. */
function withVersionPath(address: string | undefined): string | undefined {
  const url = address === undefined ? null : URL.parse(address)
  return url?.pathname === '/' ? `${url.origin}/v1` : address
}

const withoutSlash = (address: string) => address.replace(/\/+$/, '')

/**
 * The value of a variable, or the content of the file that `<NAME>_FILE` names (mounted secrets), without blanks
 * around it; undefined when neither is set. Throws `secret_missing` when the file cannot be read or is empty.
 */
export function environmentSecret(
  environment: Environment,
  readFile: ReadFile,
  name: string,
): string | undefined {
  const direct = stated(environment, name)
  if (direct !== undefined) return direct
  const path = stated(environment, `${name}_FILE`)
  if (path === undefined) return undefined
  const missing = (reason: string, cause?: unknown) =>
    new Problem('secret_missing', {
      detail: `names ${path}, which ${reason}`,
      facts: { name: `${name}_FILE` },
      cause,
    })
  let content: string | undefined
  try {
    content = readFile(path)?.trim()
  } catch (error) {
    throw missing('cannot be read', error)
  }
  if (content === undefined) throw missing('does not exist')
  if (content === '') throw missing('is empty')
  return content
}
