/** What the door needs from the rest of the house, in its own words; the composition fills it in. */
import type { BudgetScope, PrepaidScope } from '#core/domain/budget-scope.ts'
import type { BudgetWindow } from '#core/domain/budget-window.ts'
import type { DegradeStep } from '#core/domain/degrade-step.ts'
import type { Caller } from '#core/domain/caller.ts'
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { Currency } from '#core/domain/currency.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { ModelCard } from '#core/domain/model-card.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Gateway } from '#core/gateway/asked.ts'
import type { Priority } from '#core/domain/priority.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { RateRuleAdminPort } from '#http/rate-rule-port.ts'
import type { ExportProvider } from '#services/reconciliation/export-line.ts'
import type { Reconciliation } from '#services/reconciliation/reconcile.ts'
import type { ResponseStore } from '#services/response-store/response-store.ts'
import type { ReportLine, ReportQuery } from '#services/analytics-collector/usage-report.ts'

export interface DoorPorts {
  readonly settings: DoorSettings
  readonly gateway: Gateway
  readonly clock: Clock
  readonly chance: Chance
  readonly log: DoorLog
  readonly load: LoadPort
  readonly catalogue: CataloguePort
  readonly health: HealthPort
  readonly metrics: MetricsPort
  readonly keys: KeyAdminPort
  readonly budgets: BudgetAdminPort
  readonly balances: BalanceAdminPort
  readonly rateRules: RateRuleAdminPort
  readonly alerts: AlertAdminPort
  readonly responses: ResponseStore
  readonly usage: UsagePort
  readonly reconciliation: ReconciliationPort
}

export interface DoorSettings {
  readonly version: string
  /** In development mode `/metrics` and `/health/detailed` answer without a key. */
  readonly mode: 'development' | 'production'
  readonly bodyBytesMax: number
  readonly bodyDepthMax: number
  /** Requests being answered at once; more are refused as `overloaded`. */
  readonly requestsInFlightMax: number
  readonly connectionsMax: number
  readonly headersTimeoutMs: number
  /** From the first byte of a request to the last byte of its body. */
  readonly requestTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  /** So long an unused connection is still kept when the door closes, for a request that may be on its way. */
  readonly leaveQuietMs: number
  /** Between two signs of life on a stream that has nothing to say. */
  readonly heartbeatMs: number
  /** A reader who takes nothing of its answer for this long is cut. */
  readonly readerStallMs: number
  /** Addresses or CIDR ranges of proxies whose `x-forwarded-for` is believed. */
  readonly trustedPeers: readonly string[]
  /** Origins of web pages that may call from a browser; `*` is any. */
  readonly allowedOrigins: readonly string[]
}

/** Fields never hold what was said, nor a credential. */
export interface DoorLog {
  info(fields: object, sentence: string): void
  warn(fields: object, sentence: string): void
  error(fields: object, sentence: string): void
}

export interface LoadPort {
  /** The priority that the caller gets, as its key may use it. Throws `overloaded` when such requests are turned away. */
  admit(caller: Caller, wished: Priority | undefined): Priority
}

export interface CataloguePort {
  /** The models that this caller may use, and the names of routes. */
  modelsFor(caller: Caller): readonly ListedModel[]
}

export interface ListedModel {
  /** What callers write in `model`. */
  readonly name: string
  /** Undefined for a route, which chooses among models. */
  readonly card: ModelCard | undefined
  readonly aliases: readonly string[]
  /** Whether a provider is configured that can answer now. */
  readonly isAvailable: boolean
  readonly isSimulated: boolean
}

export interface HealthPort {
  /** For people and probes: never names, addresses or numbers of a tenant. */
  summary(): HealthSummary
  /** Providers, breakers, stores: for operators. */
  details(): Soon<JsonObject>
}

export interface HealthSummary {
  readonly status: 'ok' | 'degraded' | 'unavailable'
  readonly uptimeMs: number
  /** Whether answers come from the simulated provider because no provider has a key. */
  readonly isSimulated: boolean
}

export interface MetricsPort {
  /** The exposition text and its content type. */
  render(): Soon<{ readonly contentType: string; readonly text: string }>
}

export interface KeyAdminPort {
  /** Throws `not_permitted` when the new key would be allowed more than its maker. */
  create(actor: Caller, wish: NewKey): Soon<CreatedKey>
  list(actor: Caller): Soon<readonly KeySummary[]>
  /** The key as it is now, or undefined when the actor's tenant has none of this id. */
  revoke(actor: Caller, keyId: string): Soon<KeySummary | undefined>
}

export interface NewKey {
  readonly name: string
  /** Undefined is the maker's own tenant. */
  readonly tenantId: string | undefined
  readonly permissions: readonly ('inference' | 'analytics' | 'metrics' | 'admin')[]
  readonly userId: string | undefined
  readonly teamId: string | undefined
  readonly projectId: string | undefined
  readonly allowedModels: readonly string[] | undefined
  readonly expiresAtMs: number | undefined
  readonly limits: NewKeyLimits | undefined
}

export interface NewKeyLimits {
  readonly requestsPerMinute: number | undefined
  readonly tokensPerMinute: number | undefined
  readonly concurrentRequests: number | undefined
  readonly priorityMax: Priority | undefined
}

export interface KeySummary {
  readonly id: string
  readonly name: string
  readonly tenantId: string
  readonly permissions: readonly string[]
  readonly userId: string | undefined
  readonly teamId: string | undefined
  readonly projectId: string | undefined
  readonly allowedModels: readonly string[] | undefined
  readonly createdAtMs: number
  readonly expiresAtMs: number | undefined
  readonly revokedAtMs: number | undefined
}

export interface CreatedKey {
  readonly summary: KeySummary
  /** Shown this once and never stored. */
  readonly secret: string
}

export interface BudgetAdminPort {
  /** The limits that the actor may see, those of the configuration first. */
  list(actor: Caller): Soon<readonly BudgetLine[]>
  /**
   * Sets a new limit, or with an id another one in its place; undefined when the actor sees none of this id.
   * Throws `not_permitted`, `already_exists`.
   */
  set(actor: Caller, wish: NewBudget, budgetId: string | undefined): Soon<BudgetLine | undefined>
  /** Whether there was one that the actor may remove. */
  remove(actor: Caller, budgetId: string): Soon<boolean>
}

export interface NewBudget {
  readonly scope: BudgetScope
  /** Undefined is each one of the scope for itself. */
  readonly subject: string | undefined
  readonly tenantId: string | undefined
  readonly window: BudgetWindow
  /** The IANA name of the zone by whose clocks the window begins; undefined is UTC. */
  readonly timeZone: string | undefined
  readonly limitNanoUsd: NanoUsd
  readonly isHard: boolean
  /** What is done from which share on, before it refuses. */
  readonly degrade: readonly DegradeStep[]
}

export interface BudgetLine extends NewBudget {
  /** Undefined for a limit of the configuration. */
  readonly id: string | undefined
  readonly setAtMs: number | undefined
  /** When the running window ends; undefined for all time and for rolling windows. */
  readonly resetsAtMs: number | undefined
  /** Undefined for a limit of each one of a scope. */
  readonly balance: { readonly spentNanoUsd: NanoUsd; readonly heldNanoUsd: NanoUsd } | undefined
}

export interface BalanceAdminPort {
  /** The prepaid balances that the actor may see. */
  list(actor: Caller): Soon<readonly BalanceLine[]>
  /**
   * Pays into a balance, once for each id; a repeated id with the same words is answered as the first time.
   * Throws `not_permitted`, `already_exists`, `invalid_value`.
   */
  topUp(actor: Caller, wish: NewTopUp): Soon<PaidTopUp>
  /** What was paid in, the newest first. Throws `not_permitted`. */
  history(actor: Caller, owner: BalanceOwner, limit: number): Soon<readonly TopUpLine[]>
}

export interface BalanceOwner {
  readonly scope: PrepaidScope
  readonly subject: string
  /** Undefined is the actor's own tenant; of a tenant's balance, the tenant itself. */
  readonly tenantId: string | undefined
}

export interface NewTopUp extends BalanceOwner {
  readonly id: string
  readonly amountNanoUsd: NanoUsd
  readonly note: string | undefined
}

export interface TopUpLine extends NewTopUp {
  readonly addedAtMs: number
  readonly addedBy: string
}

export interface PaidTopUp {
  readonly topUp: TopUpLine
  readonly isNew: boolean
  readonly balance: BalanceLine
}

export interface BalanceLine extends BalanceOwner {
  readonly topUps: number
  readonly paidInNanoUsd: NanoUsd
  readonly spentNanoUsd: NanoUsd
  readonly heldNanoUsd: NanoUsd
}

export interface AlertAdminPort {
  /** Sends a test alert to every destination. Throws `not_permitted`. */
  test(actor: Caller): Soon<readonly AlertTestResult[]>
}

export interface AlertTestResult {
  readonly destination: string
  readonly kind: 'webhook' | 'slack' | 'email'
  /** Undefined when it was delivered. */
  readonly failure: string | undefined
}

export interface ReconciliationPort {
  /** Throws `not_permitted` for anybody but the operator, and `invalid_value` for a text that is no such export. */
  compare(actor: Caller, question: ExportQuestion): Promise<Reconciliation>
}

export interface ExportQuestion {
  readonly provider: ExportProvider
  readonly text: string
  readonly fromMs: number
  readonly toMs: number
  readonly tolerancePercent: number
  readonly key: string | undefined
}

export interface UsagePort {
  /** Lines in the order of time, then of their groups; a tenant's administrators get their own tenant's. */
  report(actor: Caller, query: ReportQuery): Soon<readonly ToldLine[]>
  totals(actor: Caller, period: UsagePeriod): Soon<UsageTotals>
  /** In what amounts are shown beside US dollars; undefined is nothing else. */
  currency(): Currency | undefined
}

/** What providers charge is the operator's own business: undefined for anybody else. */
export type ToldLine = Omit<ReportLine, 'providerCostNanoUsd'> & {
  readonly providerCostNanoUsd: NanoUsd | undefined
}

/** Wall clock, milliseconds since 1970 UTC; from is included, to is not. */
export interface UsagePeriod {
  readonly fromMs: number
  readonly toMs: number
}

export interface UsageTotals {
  readonly requests: number
  readonly failures: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costNanoUsd: number
  readonly byModel: readonly {
    readonly model: string
    readonly requests: number
    readonly inputTokens: number
    readonly outputTokens: number
    readonly costNanoUsd: number
  }[]
}
