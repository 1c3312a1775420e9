/** Every room, built from one configuration and joined to the stores that fill its ports. */
import { alertSettings, openAlerts } from '#composition/alert-room.ts'
import { openBudgetDesk } from '#composition/budget-desk.ts'
import type { BudgetDesk } from '#composition/budget-desk.ts'
import { openCellar } from '#composition/cellar.ts'
import type { Cellar } from '#composition/cellar.ts'
import type { HouseParts } from '#composition/house.ts'
import { openIdempotency } from '#composition/idempotency-room.ts'
import { failureFields } from '#composition/log.ts'
import { loadReadings, openLoadRoom } from '#composition/load-room.ts'
import { openResponseStore, responseReadings } from '#composition/response-room.ts'
import { openRoutingDesk } from '#composition/routing-desk.ts'
import type { RoutingDesk } from '#composition/routing-desk.ts'
import { openRuleDesk } from '#composition/rule-desk.ts'
import type { RuleDesk } from '#composition/rule-desk.ts'
import { budgetSettings } from '#composition/sources.ts'
import { version } from '#composition/version.ts'
import { pause } from '#composition/weather.ts'
import type { Config } from '#config/config.ts'
import type { Chance, Clock } from '#core/domain/clock.ts'
import { usdNumber } from '#core/domain/money.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { createAccessControl } from '#services/access-control/access-control.ts'
import type { AccessControl } from '#services/access-control/access-control.ts'
import type { Alerts } from '#services/alerts/alerts.ts'
import { createAnalyticsCollector } from '#services/analytics-collector/analytics-collector.ts'
import type { AnalyticsCollector } from '#services/analytics-collector/analytics-collector.ts'
import type { MetricTables, MetricsSettings } from '#services/analytics-collector/metrics.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'
import type { BudgetManager } from '#services/budget-manager/budget-manager.ts'
import { createGuardrails } from '#services/guardrails/guardrails.ts'
import type { Idempotency } from '#services/idempotency/idempotency.ts'
import { createErrandAdapters } from '#services/llm-adapters/errand-registry.ts'
import { createAdapters } from '#services/llm-adapters/registry.ts'
import {
  createRoutedTransport,
  createSimulatedTransport,
} from '#services/llm-adapters/simulated/simulated-transport.ts'
import { createTransport } from '#services/llm-adapters/transport.ts'
import type { LoadControl } from '#services/load-control/load-control.ts'
import { createRateLimiter } from '#services/rate-limiter/rate-limiter.ts'
import { resilienceReadings, trackTables } from '#composition/track-metrics.ts'
import { noHintBoard } from '#services/resilience/hints.ts'
import { createResilience } from '#services/resilience/resilience.ts'
import type { Resilience } from '#services/resilience/resilience.ts'
import { createResponseCache } from '#services/response-cache/response-cache.ts'
import type { ResponseStore } from '#services/response-store/response-store.ts'
import { createMemoryEntries } from '#stores/memory/entries.ts'

type Report = (failure: unknown, place: string) => void

/** What the house holds besides the corridor: for its chores, for the door's other pages, for its end. */
export interface OpenRooms {
  readonly corridor: Rooms
  readonly accessControl: AccessControl
  readonly analytics: AnalyticsCollector
  readonly budgetManager: BudgetManager
  readonly budgetDesk: BudgetDesk
  readonly ruleDesk: RuleDesk
  readonly alerts: Alerts
  readonly idempotency: Idempotency
  readonly responseStore: ResponseStore
  readonly resilience: Resilience
  readonly loadControl: LoadControl
  readonly desk: RoutingDesk
  apply(next: Config): void
  close(): Promise<void>
}

const transportSettings = ({ server }: Config) => ({
  wholeBytesMax: 67_108_864,
  streamBytesMax: 268_435_456,
  // Far more than a target is given at once: who must wait is decided before a call is sent.
  connectionsPerOrigin: 4_096,
  keepAliveMs: 20_000,
  unreadBytesMax: server.streamBufferBytesMax,
})

/** Throws `config_invalid`, `store_unavailable`. */
export async function openRooms(parts: HouseParts, door: DoorWatch): Promise<OpenRooms> {
  const { config, log, clock, chance } = parts
  const report: Report = (failure, place) => log.error(failureFields(failure, place), `${place} failed`)
  const cellar = await openCellar({ config, chance, report })
  const desk = await openRoutingDesk(parts, report)

  const accessControl = openAccess(parts, cellar)
  const limits = await openLimits(parts, cellar, report)
  const money = await openBudgets(parts, cellar, desk, report)
  const idempotency = openIdempotency(parts, cellar, () => desk.furniture().config.idempotency, report)
  const responseStore = openResponseStore(parts, cellar, () => desk.furniture().config.responses, report)
  const resilience = openResilience(parts, cellar, desk, report)
  const load = openLoadRoom(parts)
  const read = { ...money, desk, responseStore, resilience, door, shared: cellar.sharedCounts }
  const readings = { ...readingsOf(read), ...loadReadings(load.loadControl) }
  const analytics = openAnalytics(parts, cellar, { readings, tables: trackTables(resilience) }, report)
  const transport = createTransport(transportSettings(config), clock)

  const corridor: Rooms = {
    clock,
    chance,
    accessControl,
    rateLimiter: limits.rateLimiter,
    loadControl: load.loadControl,
    guardrails: createGuardrails(),
    idempotency,
    responseCache: cacheOf(desk, { config, clock, report }),
    routingEngine: desk.routingEngine,
    resilience,
    adapters: createAdapters(),
    errandAdapters: createErrandAdapters(),
    transport: createRoutedTransport(transport, simulatedOf(desk, clock, chance)),
    budgetManager: money.budgetManager,
    keyVault: desk.keyVault,
    analyticsCollector: analytics,
    pause,
    report,
    settings: () => desk.furniture().corridor,
  }
  return {
    corridor,
    accessControl,
    analytics,
    ...money,
    ruleDesk: limits.ruleDesk,
    idempotency,
    responseStore,
    resilience,
    loadControl: load.loadControl,
    desk,
    apply(next) {
      desk.refurnish(next)
      load.apply(next)
      limits.ruleDesk.apply(next)
      money.budgetDesk.apply(next)
      money.alerts.apply(alertSettings(next))
    },
    close: () => closeRooms({ alerts: money.alerts, transport, analytics, cellar, desk }),
  }
}

/** Whoever still writes goes before what is written to. */
async function closeRooms({ alerts, transport, analytics, cellar, desk }: ClosingRooms): Promise<void> {
  await alerts.close()
  await transport.close()
  await desk.keyVault.close()
  await analytics.flush()
  await cellar.close()
}

interface ClosingRooms {
  readonly alerts: Alerts
  readonly transport: { close(): Promise<void> }
  readonly analytics: AnalyticsCollector
  readonly cellar: Cellar
  readonly desk: RoutingDesk
}

function openAnalytics(
  { config, clock }: HouseParts,
  { journal }: Cellar,
  shown: Pick<MetricsSettings, 'readings'> & { readonly tables: MetricTables },
  report: Report,
): AnalyticsCollector {
  return createAnalyticsCollector(
    { journal, clock, report, ...shown },
    { ...config.analytics, version, nodeVersion: process.version, withProcessMetrics: true },
  )
}

function openResilience(
  { config, clock, chance }: HouseParts,
  { hintBoard }: Cellar,
  desk: RoutingDesk,
  report: Report,
): Resilience {
  const board = config.resilience.sharesHints ? hintBoard : noHintBoard
  const settings = () => desk.furniture().resilience
  return createResilience({ clock, chance, settings, board, report })
}

function openAccess({ config, clock }: HouseParts, { directory, pepper }: Cellar): AccessControl {
  return createAccessControl({ directory, clock }, { ...config.access, pepper })
}

/** How much may be asked for, and how that is changed while running. */
async function openLimits({ config, clock }: HouseParts, { buckets, ruleShelf }: Cellar, report: Report) {
  const rateLimiter = createRateLimiter({ buckets, clock, report }, config.limits)
  return { rateLimiter, ruleDesk: await openRuleDesk({ config, shelf: ruleShelf, rateLimiter }) }
}

/** Money: who may spend how much, how it is changed while running, and who is told. */
async function openBudgets(parts: HouseParts, cellar: Cellar, { keyVault }: RoutingDesk, report: Report) {
  const { config, clock } = parts
  const budgetManager = createBudgetManager({ ledger: cellar.ledger, clock }, budgetSettings(config))
  return {
    budgetManager,
    budgetDesk: await openBudgetDesk({
      config,
      shelf: cellar.limitShelf,
      topUpBook: cellar.topUpBook,
      budgetManager,
    }),
    alerts: openAlerts(parts, { book: cellar.alertBook, budgetManager, keyVault, report }),
  }
}

function simulatedOf(desk: RoutingDesk, clock: Clock, chance: Chance) {
  return createSimulatedTransport({ clock, chance, settings: () => desk.furniture().config.simulation })
}

/** The cache's size is fixed when it opens; everything else about it follows the settings. */
function cacheOf(desk: RoutingDesk, terms: { config: Config; clock: Clock; report: Report }) {
  const { config, clock, report } = terms
  const entries = createMemoryEntries(config.cache, clock)
  return createResponseCache({ entries, settings: () => desk.furniture().config.cache, report })
}

/** What the door, which is built last, says of itself once it is there. */
export interface DoorWatch {
  counts: () => { readonly requestsInFlight: number; readonly openStreams: number }
}

interface Read {
  readonly desk: RoutingDesk
  readonly budgetManager: BudgetManager
  readonly alerts: Alerts
  readonly responseStore: ResponseStore
  readonly resilience: Resilience
  readonly door: DoorWatch
  readonly shared: Cellar['sharedCounts']
}

function readingsOf({ desk, budgetManager, alerts, responseStore, resilience, door, shared }: Read) {
  return {
    ...resilienceReadings(resilience),
    ...responseReadings(responseStore),
    signalbox_secrets_unread: () => desk.keyVault.standing().unread.length,
    signalbox_secrets_overdue: () =>
      desk.keyVault.standing().unread.filter(({ isOverdue }) => isOverdue).length,
    signalbox_open_streams: () => door.counts().openStreams,
    signalbox_requests_in_flight: () => door.counts().requestsInFlight,
    signalbox_budget_refusals_total: () => budgetManager.counts().refused,
    signalbox_budget_over_use_usd_total: () => usdNumber(budgetManager.counts().overUseNanoUsd),
    signalbox_budget_expired_holds_total: () => budgetManager.counts().expired,
    signalbox_ledger_away: () => (shared?.().isAway ? 1 : 0),
    signalbox_ledger_losses_total: () => shared?.().losses ?? 0,
    signalbox_ledger_rebuilds_total: () => shared?.().rebuilds ?? 0,
    signalbox_ledger_allowance_grants_total: () => shared?.().served ?? 0,
    signalbox_alerts_sent_total: () => alerts.counts().sent,
    signalbox_alerts_failed_total: () => alerts.counts().failed,
  }
}
