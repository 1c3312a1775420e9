/** Every room, built from one configuration and joined to the stores that fill its ports. */
import { answerersOf, checkFurniture, furnish } from '#composition/furniture.ts'
import type { Answerers, Furniture } from '#composition/furniture.ts'
import type { HouseParts } from '#composition/house.ts'
import { databaseFile } from '#composition/key-room.ts'
import { failureFields } from '#composition/log.ts'
import { pepperOf } from '#composition/pepper.ts'
import { secretSources } from '#composition/secret-sources.ts'
import { budgetSettings } from '#composition/sources.ts'
import { version } from '#composition/version.ts'
import { pause } from '#composition/weather.ts'
import type { Config } from '#config/config.ts'
import { usdNumber } from '#core/domain/money.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { createAccessControl } from '#services/access-control/access-control.ts'
import { createAnalyticsCollector } from '#services/analytics-collector/analytics-collector.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'
import { createGuardrails } from '#services/guardrails/guardrails.ts'
import { createKeyVault } from '#services/key-vault/key-vault.ts'
import { createAdapters } from '#services/llm-adapters/registry.ts'
import {
  createRoutedTransport,
  createSimulatedTransport,
} from '#services/llm-adapters/simulated/simulated-transport.ts'
import { createTransport } from '#services/llm-adapters/transport.ts'
import { createRateLimiter } from '#services/rate-limiter/rate-limiter.ts'
import { createResilience } from '#services/resilience/resilience.ts'
import { createRoutingEngine } from '#services/routing-engine/routing-engine.ts'
import { createMemoryBuckets } from '#stores/memory/buckets.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteDirectory } from '#stores/sqlite/directory.ts'
import { createSqliteJournal } from '#stores/sqlite/journal.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'

/** What the house holds besides the corridor: for its chores, for the door's other pages, for its end. */
export interface OpenRooms {
  readonly corridor: Rooms
  readonly accessControl: ReturnType<typeof createAccessControl>
  readonly analytics: ReturnType<typeof createAnalyticsCollector>
  readonly budgetManager: ReturnType<typeof createBudgetManager>
  readonly resilience: ReturnType<typeof createResilience>
  readonly routingEngine: ReturnType<typeof createRoutingEngine>
  furniture(): Furniture
  answerers(): Answerers
  /** Throws `config_invalid` when the rooms could not live with this configuration. */
  check(next: Config): void
  apply(next: Config): void
  close(): Promise<void>
}

const transportLimits = {
  wholeBytesMax: 67_108_864,
  streamBytesMax: 268_435_456,
  connectionsPerOrigin: 1_024,
  keepAliveMs: 20_000,
}

/** How long a key that cannot be read again stays in use. */
const staleSecretMs = 3_600_000

/** Throws `config_invalid`, `store_unavailable`. */
export async function openRooms({ config, log, clock, chance }: HouseParts): Promise<OpenRooms> {
  let furniture = furnish(config)
  const report = (failure: unknown, place: string) =>
    log.error(failureFields(failure, place), `${place} failed`)

  const pepper = pepperOf(config.storage.dataDir)
  const database = openDatabase({ file: databaseFile(config) })
  const ledger = createSqliteLedger(database)
  const journal = createSqliteJournal(database)
  const directory = createSqliteDirectory(database)

  const keyVault = createKeyVault({
    sources: secretSources(config, (sentence) => log.warn({}, sentence)),
    rows: () => furniture.rows,
    clock,
    settings: () => ({ refreshMs: furniture.config.keyVault.refreshMs, staleMs: staleSecretMs }),
    audit: ({ kind, name, source }) => {
      if (kind !== 'missing') log.info({ kind, name, source }, 'key vault')
    },
    report,
    onLiveChange: () => renewRouting(),
  })
  await keyVault.refresh()
  let answerers = answerersOf(furniture, keyVault.liveProviders())
  const routingEngine = createRoutingEngine(answerers.sources)
  const renewRouting = () => {
    answerers = answerersOf(furniture, keyVault.liveProviders())
    routingEngine.refresh(answerers.sources)
  }

  const accessControl = createAccessControl({ directory, clock }, { ...config.access, pepper })
  const rateLimiter = createRateLimiter({ buckets: createMemoryBuckets(), clock, report }, config.limits)
  const budgetManager = createBudgetManager({ ledger, clock }, budgetSettings(config))
  const resilience = createResilience({ clock, chance, settings: () => furniture.resilience })
  const analytics = createAnalyticsCollector(
    { journal, clock, report, readings: budgetReadings(budgetManager) },
    { ...config.analytics, version, nodeVersion: process.version, withProcessMetrics: true },
  )
  const transport = createTransport(transportLimits, clock)
  const simulated = createSimulatedTransport({ clock, chance, settings: () => furniture.config.simulation })

  const corridor: Rooms = {
    clock,
    chance,
    accessControl,
    rateLimiter,
    guardrails: createGuardrails(),
    responseCache: { keyFor: () => undefined, lookUp: () => undefined, keep: () => undefined },
    routingEngine,
    resilience,
    adapters: createAdapters(),
    transport: createRoutedTransport(transport, simulated),
    budgetManager,
    keyVault,
    analyticsCollector: analytics,
    pause,
    report,
    settings: () => furniture.corridor,
  }
  return {
    corridor,
    accessControl,
    analytics,
    budgetManager,
    resilience,
    routingEngine,
    furniture: () => furniture,
    answerers: () => answerers,
    check: (next) => checkFurniture(furnish(next), keyVault.liveProviders()),
    apply(next) {
      furniture = furnish(next)
      rateLimiter.apply(next.limits)
      budgetManager.apply(budgetSettings(next))
      renewRouting()
      void keyVault.refresh()
    },
    async close() {
      await transport.close()
      await analytics.flush()
      ledger.close()
      journal.close()
      database.close()
    },
  }
}

function budgetReadings(budgetManager: ReturnType<typeof createBudgetManager>) {
  return {
    signalbox_budget_refusals_total: () => budgetManager.counts().refused,
    signalbox_budget_over_use_usd_total: () => usdNumber(budgetManager.counts().overUseNanoUsd),
    signalbox_budget_expired_holds_total: () => budgetManager.counts().expired,
  }
}
