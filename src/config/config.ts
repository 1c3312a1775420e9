/** The settings as the rest of the house reads them: checked, complete, frozen, in the units of the domain. */
import type { BudgetConfig } from '#config/budget-config.ts'
import type { LoadConfig } from '#config/load-config.ts'
import type { RescueConfig } from '#config/rescue-config.ts'
import type { AlertDestination } from '#core/domain/alert-destination.ts'
import type { BudgetWindow } from '#core/domain/budget-window.ts'
import type { CallerLimits } from '#core/domain/caller.ts'
import type { PooledKeyConfig, RegionConfig } from '#config/pool-config.ts'
import type { SecretServerConfig } from '#config/secret-server-config.ts'
import type { ResilienceConfig } from '#config/resilience-config.ts'
import type { Dialect } from '#core/domain/chat.ts'
import type { LimitRule } from '#core/domain/limit-rule.ts'
import type { ModelCard } from '#core/domain/model-card.ts'
import type { MarginRule, OwnPrice } from '#core/domain/price-book.ts'

export interface Config {
  /** The file that was read, or undefined when only defaults and the environment hold. */
  readonly file: string | undefined
  readonly mode: 'development' | 'production'
  /** Sentences to print once at start: settings that are accepted and not live in this version, risky choices. */
  readonly warnings: readonly string[]
  /** Settings whose stated value differs from the running one, which holds until the next start. */
  readonly waitingForRestart: readonly string[]
  readonly server: ServerConfig
  readonly storage: StorageConfig
  readonly access: AccessConfig
  readonly keyVault: KeyVaultConfig
  /** By name. A name that is not a built-in provider must state its dialect and address. */
  readonly providers: ReadonlyMap<string, ProviderConfig>
  readonly simulation: SimulationConfig
  readonly routing: RoutingConfig
  readonly resilience: ResilienceConfig
  readonly rescue: RescueConfig
  readonly limits: LimitsConfig
  readonly load: LoadConfig
  readonly budget: BudgetConfig
  readonly alerts: AlertsConfig
  readonly pricing: PricingConfig
  readonly idempotency: IdempotencyConfig
  readonly responses: ResponsesConfig
  readonly cache: CacheConfig
  readonly analytics: AnalyticsConfig
  readonly log: { readonly level: LogLevel; readonly waitingBytesMax: number }
  readonly catalog: CatalogConfig
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export interface StorageConfig {
  readonly dataDir: string
  /** Undefined: limits and budgets live in this instance. */
  readonly redis: RedisConfig | undefined
  /** Undefined: API keys and usage rows live in the embedded database. */
  readonly postgres: PostgresConfig | undefined
}

export interface PostgresConfig {
  /** May hold a password: never shown. */
  readonly url: string
  readonly readUrl: string | undefined
  readonly connectionsMax: number
  readonly connectTimeoutMs: number
  readonly statementTimeoutMs: number
}

export interface RedisConfig {
  /** May hold a password: never shown. */
  readonly url: string
  readonly keyPrefix: string
  readonly commandTimeoutMs: number
  readonly rebuildWaitMs: number
  readonly connectTimeoutMs: number
}

export interface ServerConfig {
  readonly host: string
  /** 0 asks the system for a free port. */
  readonly port: number
  readonly bodyBytesMax: number
  readonly bodyDepthMax: number
  readonly connectionsMax: number
  /** Requests being answered at once, over all callers; more are refused as `overloaded`. */
  readonly requestsInFlightMax: number
  readonly headersTimeoutMs: number
  /** From the first byte of a request to the last byte of its body. */
  readonly requestTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  /** Between two signs of life on a stream that has nothing to say. */
  readonly heartbeatMs: number
  /** A reader who takes nothing of its answer for this long is cut. */
  readonly readerStallMs: number
  /** Of one stream's answer, what is read ahead of its reader. */
  readonly streamBufferBytesMax: number
  /** How long new requests are still taken after the order to stop; `auto` is by the mode. */
  readonly leaveNoticeMs: number | 'auto'
  /** How long requests may still run after that. */
  readonly drainMs: number
  /** Addresses or CIDR ranges of proxies whose `x-forwarded-for` is believed. */
  readonly trustedPeers: readonly string[]
  /** Origins of web pages that may call from a browser; `*` is any. */
  readonly allowedOrigins: readonly string[]
}

export interface AccessConfig {
  /** Whether a request without a key is refused. Never false on an address that others can reach. */
  readonly requireKey: boolean
  /** The tenant for which requests without a key act, where they are allowed. */
  readonly developmentTenant: string
  /** The operator's own key (`ADMIN_API_KEY`); undefined when none is set. Never logged. */
  readonly adminKey: string | undefined
  /** Wrong keys from one address in a minute before it is told to wait. */
  readonly failedKeysPerMinute: number
  /** 32 bytes in base64 that turn keys into digests; undefined: made and kept in the data directory. */
  readonly keyPepper: string | undefined
}

export interface KeyVaultConfig {
  /** Where provider keys come from in this version: the environment, a folder or file of secrets, or a secret server. */
  readonly provider: 'env' | 'file' | 'hashicorp'
  /** A folder with one file per secret, or one YAML or JSON file of names and secrets. */
  readonly file: string | undefined
  /** The secret server; undefined unless provider is `hashicorp`. */
  readonly server: SecretServerConfig | undefined
  /** A secret read once is asked for again after this long, so that it can be rotated. */
  readonly refreshMs: number
  /** After a reading that failed or found nothing. */
  readonly retryMs: number
  /** A secret that is due and cannot be read again stays in use for this long. */
  readonly staleMs: number
  /**
   * The value of an environment variable, or the content of the file that `<NAME>_FILE` names.
   * Read anew at each call. Throws `secret_missing` when that file cannot be read.
   */
  readonly environmentSecret: (name: string) => string | undefined
}

export interface ProviderConfig {
  readonly name: string
  readonly isEnabled: boolean
  readonly title: string | undefined
  /** Without a slash at the end; undefined keeps the built-in address. */
  readonly baseUrl: string | undefined
  /** The secret's name in the key vault; undefined keeps the usual names. */
  readonly keyVaultKey: string | undefined
  /** Several keys as one pool, by their names in the key vault; undefined when there is one. */
  readonly keys: readonly PooledKeyConfig[] | undefined
  /** Several addresses that serve the same models; undefined when there is one. */
  readonly regions: readonly RegionConfig[] | undefined
  /** The only models to offer; undefined is every model that the catalogue has for this provider. */
  readonly models: readonly string[] | undefined
  readonly apiVersion: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Only for providers that are not built in. */
  readonly dialect: Dialect | undefined
  /** How the key travels, when not as usual for the dialect; `none` for servers without keys. */
  readonly auth: { readonly header: string; readonly prefix: string } | 'none' | undefined
  /** Models without a catalogue price cost nothing here: the operator's own hardware. */
  readonly isFree: boolean
}

export interface SimulationConfig {
  /** `auto`: while no provider has a key. Production knows only true and false. */
  readonly enabled: 'auto' | true | false
  readonly firstTokenMs: number
  readonly tokensPerSecond: number
}

export type RouteStrategy = 'ordered' | 'weighted' | 'cheapest' | 'fastest' | 'best'

export interface RoutingConfig {
  /** The route for requests that name no model. */
  readonly defaultRoute: string
  readonly routes: ReadonlyMap<string, RouteConfig>
  /** Other names of models and routes; they win over the catalogue's aliases. */
  readonly aliases: ReadonlyMap<string, string>
}

export interface RouteConfig {
  readonly strategy: RouteStrategy
  /** Empty: every live model. Models are catalogue names or `provider/name`. */
  readonly targets: readonly { readonly model: string; readonly weight: number }[]
}

export interface LimitsConfig {
  readonly perUser: CallerLimits
  readonly perKey: CallerLimits
  readonly perTenant: CallerLimits
  readonly rules: readonly LimitRule[]
}

export interface AlertsConfig {
  readonly isEnabled: boolean
  readonly checkEveryMs: number
  readonly rules: {
    /** Shares of a limit, above 0, each once. */
    readonly thresholds: readonly number[]
    readonly forecast: {
      readonly isEnabled: boolean
      readonly daysAhead: number
      readonly windows: readonly BudgetWindow[]
    }
  }
  readonly destinations: readonly AlertDestination[]
}

export interface PricingConfig {
  readonly unknownModel: 'refuse' | 'ceiling'
  /** Nano-dollars per million tokens. */
  readonly ceiling: { readonly input: number; readonly output: number }
  /** What a dear service tier of unknown price costs, in millionths of the list price. */
  readonly unknownServiceMillionths: number
  readonly ownPrices: readonly OwnPrice[]
  readonly margins: readonly MarginRule[]
}

export interface IdempotencyConfig {
  readonly isEnabled: boolean
  readonly rememberMs: number
  readonly leaseMs: number
  readonly waitMs: number
  readonly waitingMax: number
  readonly streamBytesMax: number
  readonly lingerMs: number
  readonly answersKeptMs: number
  readonly answersHandedMs: number
  readonly answerBytesMax: number
}

/** What is kept of the OpenAI Responses API. */
export interface ResponsesConfig {
  readonly isOn: boolean
  readonly keepMs: number
  readonly responseBytesMax: number
  /** Of a tenant. */
  readonly responsesMax: number
  /** 32 bytes in base64 each, the newest first. Never logged. */
  readonly keys: readonly string[]
}

export interface CacheConfig {
  readonly isEnabled: boolean
  readonly defaultTtlMs: number
  readonly entriesMax: number
  readonly bytesMax: number
  /** One answer larger than this is not kept. */
  readonly entryBytesMax: number
  readonly sameQuestionWaitMs: number
}

export interface AnalyticsConfig {
  readonly flushMs: number
  readonly batchRows: number
  /** Rows waiting to be written; past this the oldest batch is lost, and counted. */
  readonly waitingRowsMax: number
  /** Rows older than this are removed; undefined keeps them for good. */
  readonly keepDays: number | undefined
}

export interface CatalogConfig {
  /** Undefined is the catalogue that comes with the program. */
  readonly file: string | undefined
  /** A second file of the same form whose entries replace or extend the first one's. */
  readonly overridesFile: string | undefined
}

/** The models that exist and the names under which they are known. */
export interface Catalog {
  readonly models: readonly ModelCard[]
  /** Old and other names to catalogue names. */
  readonly aliases: ReadonlyMap<string, string>
}

/** What the configuration reads from outside, so that tests need neither a disk nor a real environment. */
export interface ConfigSource {
  /** The file to read; undefined looks at `CONFIG_FILE`, then at `config/admin_config.yaml`. */
  readonly file?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The text of a file, or undefined when there is none. Throws what the disk throws for anything else. */
  readonly readFile: (path: string) => string | undefined
}
