/** Checked settings and the environment turned into the form that the house reads. */
import type { BudgetConfig } from '#config/budget-config.ts'
import type { Config, ProviderConfig, RoutingConfig, ServerConfig, StorageConfig } from '#config/config.ts'
import type { EnvironmentSettings } from '#config/environment.ts'
import type { Exposure } from '#config/exposure.ts'
import type { KeySource } from '#config/key-source.ts'
import { toRescue } from '#config/rescue-config.ts'
import type { AdminConfig } from '#config/schema.ts'
import type { PooledKeyConfig, RegionConfig } from '#config/pool-config.ts'
import { toResilience } from '#config/resilience-config.ts'
import { toAlerts } from '#config/to-alerts.ts'
import { toIdempotency } from '#config/to-idempotency.ts'
import { toResponses } from '#config/to-responses.ts'
import { toLimits } from '#config/to-limits.ts'
import { toPricing } from '#config/to-pricing.ts'
import { toLoad } from '#config/to-load.ts'
import { amountToNano } from '#core/domain/currency.ts'
import type { Currency } from '#core/domain/currency.ts'
import { toDegradeStep } from '#config/to-degrade.ts'
import { usdToNano } from '#core/domain/money.ts'
import { knownTimeZone } from '#core/domain/time-zone.ts'

export interface ConfigParts {
  readonly file: string | undefined
  readonly settings: AdminConfig
  readonly environment: EnvironmentSettings
  readonly exposure: Exposure
  readonly keySource: KeySource
  readonly environmentSecret: (name: string) => string | undefined
}

/** Pure translation; everything was checked before. The result is frozen in depth, its maps excepted. */
export function toConfig(parts: ConfigParts): Config {
  const { settings, environment, exposure, keySource } = parts
  const isProduction = exposure.mode === 'production'
  const storage = toStorage(settings, environment)
  return deepFreeze({
    file: parts.file,
    mode: exposure.mode,
    warnings: [...exposure.warnings, ...keySource.warnings, ...storeWarnings(settings, storage)],
    waitingForRestart: [],
    server: toServer(settings, environment),
    storage,
    access: {
      requireKey: exposure.requireKey,
      developmentTenant: settings.access.development_tenant,
      adminKey: environment.adminKey,
      failedKeysPerMinute: settings.access.failed_keys_per_minute,
      keyPepper: environment.keyPepper,
    },
    keyVault: {
      provider: keySource.provider,
      file: keySource.file,
      server: keySource.server,
      refreshMs: settings.key_vault.refresh_ms,
      retryMs: settings.key_vault.retry_ms,
      staleMs: settings.key_vault.stale_ms,
      environmentSecret: parts.environmentSecret,
    },
    providers: toProviders(settings, environment),
    simulation: {
      enabled: settings.simulation.enabled === 'auto' && isProduction ? false : settings.simulation.enabled,
      firstTokenMs: settings.simulation.first_token_ms,
      tokensPerSecond: settings.simulation.tokens_per_second,
    },
    routing: toRouting(settings),
    resilience: toResilience(settings),
    rescue: toRescue(settings),
    limits: toLimits(settings),
    load: toLoad(settings),
    budget: toBudget(settings),
    alerts: toAlerts(settings),
    pricing: toPricing(settings),
    idempotency: toIdempotency(settings, storage),
    responses: toResponses(settings, environment),
    ...toKeeping(settings),
    log: {
      level: environment.logLevel ?? settings.log.level,
      waitingBytesMax: settings.log.waiting_bytes_max,
    },
  })
}

function toStorage({ storage }: AdminConfig, environment: EnvironmentSettings): StorageConfig {
  const { redis, postgres } = storage
  const redisUrl = environment.redisUrl ?? redis.url
  const postgresUrl = environment.databaseUrl ?? postgres.url
  return {
    dataDir: environment.dataDir ?? storage.data_dir,
    redis:
      redisUrl === undefined
        ? undefined
        : {
            url: redisUrl,
            keyPrefix: redis.key_prefix,
            commandTimeoutMs: redis.command_timeout_ms,
            rebuildWaitMs: redis.rebuild_wait_ms,
            connectTimeoutMs: redis.connect_timeout_ms,
          },
    postgres:
      postgresUrl === undefined
        ? undefined
        : {
            url: postgresUrl,
            readUrl: environment.databaseReadUrl ?? postgres.read_url,
            connectionsMax: postgres.connections_max,
            connectTimeoutMs: postgres.connect_timeout_ms,
            statementTimeoutMs: postgres.statement_timeout_ms,
          },
  }
}

/** What an operator might believe to be shared and is not. */
function storeWarnings({ cache }: AdminConfig, { redis, postgres }: StorageConfig): readonly string[] {
  const warnings: string[] = []
  if (cache.redis_url !== undefined) {
    warnings.push(
      'cache.redis_url is not live in this version: answers are kept in the memory of this process.',
    )
  }
  if (redis && !postgres) {
    warnings.push(
      'API keys, usage rows and told alerts stay with this instance; set DATABASE_URL to share them as well.',
    )
  }
  if (postgres && !redis) {
    warnings.push('Limits and budgets stay with this instance; set REDIS_URL to share them as well.')
  }
  return warnings
}

function toServer({ server }: AdminConfig, environment: EnvironmentSettings): ServerConfig {
  return {
    host: environment.host ?? server.host,
    port: environment.port ?? server.port,
    bodyBytesMax: server.body_bytes_max,
    bodyDepthMax: server.body_depth_max,
    connectionsMax: server.connections_max,
    requestsInFlightMax: server.requests_in_flight_max,
    headersTimeoutMs: server.headers_timeout_ms,
    requestTimeoutMs: server.request_timeout_ms,
    keepAliveTimeoutMs: server.keep_alive_timeout_ms,
    heartbeatMs: server.heartbeat_ms,
    readerStallMs: server.reader_stall_ms,
    streamBufferBytesMax: server.stream_buffer_bytes_max,
    leaveNoticeMs: server.leave_notice_ms,
    drainMs: server.drain_ms,
    trustedPeers: server.trusted_peers,
    allowedOrigins: server.allowed_origins,
  }
}

function toProviders(
  settings: AdminConfig,
  environment: EnvironmentSettings,
): ReadonlyMap<string, ProviderConfig> {
  const names = new Set([...Object.keys(settings.providers), ...environment.baseUrls.keys()])
  const providers = new Map<string, ProviderConfig>()
  for (const name of names) {
    const stated = settings.providers[name]
    providers.set(
      name,
      deepFreeze({
        name,
        isEnabled: stated?.enabled ?? true,
        title: stated?.title,
        baseUrl: environment.baseUrls.get(name) ?? stated?.base_url?.replace(/\/+$/, ''),
        keyVaultKey: stated?.key_vault_key,
        keys: stated?.keys?.map(toPooledKey),
        regions: stated?.regions?.map(toRegion),
        models: stated?.models,
        apiVersion: stated?.api_version,
        headers: stated?.headers ?? {},
        dialect: stated?.dialect,
        auth: stated?.auth,
        isFree: stated?.free ?? false,
      }),
    )
  }
  return providers
}

type StatedProvider = AdminConfig['providers'][string]
type StatedKey = NonNullable<StatedProvider['keys']>[number]
type StatedRegion = NonNullable<StatedProvider['regions']>[number]

const toPooledKey = (stated: StatedKey): PooledKeyConfig =>
  typeof stated === 'string' ? { name: stated, weight: 1 } : { name: stated.key, weight: stated.weight }

const toRegion = ({ name, base_url: baseUrl, weight, keys }: StatedRegion): RegionConfig => ({
  name,
  baseUrl: baseUrl.replace(/\/+$/, ''),
  weight,
  keys: keys?.map(toPooledKey),
})

function toRouting({ routing }: AdminConfig): RoutingConfig {
  const routes = Object.entries(routing.routes).map(([name, route]) => {
    const targets = route.targets.map((target) =>
      typeof target === 'string'
        ? { model: target, weight: 1 }
        : { model: target.model, weight: target.weight },
    )
    return [name, deepFreeze({ strategy: route.strategy, targets })] as const
  })
  return {
    defaultRoute: routing.default_route,
    routes: new Map(routes),
    aliases: new Map(Object.entries(routing.aliases)),
  }
}

function toBudget({ budget }: AdminConfig): BudgetConfig {
  const monthly = budget.default_monthly_limit
  const currency = toCurrency(budget)
  return {
    currency,
    defaultMonthlyLimitNanoUsd: monthly === undefined ? undefined : amountToNano(monthly, currency),
    limits: budget.limits.map((limit) => ({
      scope: limit.scope,
      id: limit.id,
      tenantId: limit.tenant,
      window: limit.window,
      timeZone: limit.time_zone === undefined ? undefined : knownTimeZone(limit.time_zone),
      limitNanoUsd: amountToNano(limit.limit, currency),
      isHard: limit.hard,
      degrade: limit.degrade.map(toDegradeStep),
    })),
    organisations: new Map(
      Object.entries(budget.organisations).flatMap(([name, tenants]) =>
        tenants.map((tenant) => [tenant, name] as const),
      ),
    ),
    unstatedMaxOutputTokens: budget.unstated_max_output_tokens,
    holdLeaseMs: budget.hold_lease_ms,
    sliceLeaseMs: budget.slice_lease_ms,
    outage:
      budget.outage === 'open'
        ? { kind: 'open', mostNanoUsd: usdToNano(budget.outage_open_max) }
        : { kind: budget.outage },
  }
}

function toCurrency({ currency, currency_per_usd: rate }: AdminConfig['budget']): Currency | undefined {
  const code = currency.trim().toUpperCase()
  return code === 'USD' || rate === undefined ? undefined : { code, billionthsPerUsd: usdToNano(rate) }
}

function toKeeping({
  cache,
  analytics,
  catalog,
}: AdminConfig): Pick<Config, 'cache' | 'analytics' | 'catalog'> {
  return {
    cache: {
      isEnabled: cache.enabled,
      defaultTtlMs: cache.default_ttl * 1000,
      entriesMax: cache.entries_max,
      bytesMax: cache.bytes_max,
      entryBytesMax: cache.entry_bytes_max,
      sameQuestionWaitMs: cache.same_question_wait_ms,
    },
    analytics: {
      flushMs: analytics.flush_ms,
      batchRows: analytics.batch_rows,
      waitingRowsMax: analytics.waiting_rows_max,
      keepDays: analytics.keep_days,
    },
    catalog: { file: catalog.file, overridesFile: catalog.overrides },
  }
}

/** Freezes plain objects and arrays in depth; a map keeps its own methods and is only ever handed out as read-only. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !(value instanceof Map)) {
    for (const inner of Object.values(value)) deepFreeze(inner)
    Object.freeze(value)
  }
  return value
}
