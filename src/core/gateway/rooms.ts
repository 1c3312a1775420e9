/** What the corridor needs from each room, as types: the rooms themselves are built and handed in by main. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { Caller, Credential, Permission } from '#core/domain/caller.ts'
import type { ChatQuestion, Dialect } from '#core/domain/chat.ts'
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { Ability, PriceVersion } from '#core/domain/model-card.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { ProviderRow, Target } from '#core/domain/target.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { HttpCall, LlmAdapter } from '#services/llm-adapters/adapter.ts'

/** A room with its state in memory answers at once; one with a server behind it answers later. */
export type Soon<T> = T | Promise<T>

export interface Rooms {
  readonly clock: Clock
  readonly chance: Chance
  readonly accessControl: AccessControl
  readonly rateLimiter: RateLimiter
  readonly guardrails: Guardrails
  readonly responseCache: ResponseCache
  readonly routingEngine: RoutingEngine
  readonly resilience: Resilience
  readonly adapters: Adapters
  readonly transport: Transport
  readonly budgetManager: BudgetManager
  readonly keyVault: KeyVault
  readonly analyticsCollector: AnalyticsCollector
  /** Waits; ends early with `caller_left` when the signal is aborted. */
  pause(durationMs: number, signal: AbortSignal): Promise<void>
  /** Tells the operator of a failure that no caller can be told of any more. */
  report(failure: unknown, place: string): void
  /** The settings that hold at this moment; a reload replaces them whole. */
  settings(): CorridorSettings
}

export interface CorridorSettings {
  /** The output cap of callers who state none. */
  readonly unstatedMaxOutputTokens: number
  /** The price to hold and charge for a model whose price is unknown; undefined refuses such a model. */
  readonly ceilingPrice: PriceVersion | undefined
}

export interface AccessControl {
  /** Throws `missing_key`, `invalid_key`, `revoked_key`, `expired_key`, `not_permitted`, `too_many_failed_keys`. */
  authenticate(credential: Credential, permission: Permission): Soon<Caller>
}

export interface RateLimiter {
  /** Throws `rate_limited` or `too_many_concurrent`, having taken nothing. */
  take(need: LimitNeed): Soon<LimitPermit>
}

export interface LimitNeed {
  readonly caller: Caller
  readonly userId: string | undefined
  /** Input estimate and output cap together. */
  readonly tokens: number
}

export interface LimitPermit {
  /** The tightest limits that apply, for the caller's headers; undefined when none do. */
  readonly state: LimitState | undefined
  /** Gives the slot back and books the tokens that were really used (0 when nobody was asked). Once; later calls do nothing. */
  release(tokensUsed: number): void
}

export interface LimitState {
  readonly requests: LimitGauge | undefined
  readonly tokens: LimitGauge | undefined
}

export interface LimitGauge {
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
}

export interface Guardrails {
  /** Throws the Problem of the first check that the question fails. */
  inspect(question: ChatQuestion): void
}

export interface ResponseCache {
  /** The key under which an answer to this may be found and kept, or undefined when it must not be cached. */
  keyFor(request: CacheRequest): string | undefined
  lookUp(key: string): Soon<KnownAnswer | undefined>
  keep(key: string, answer: KnownAnswer): void
}

export interface CacheRequest {
  readonly tenantId: string
  readonly userScope: string | undefined
  readonly modelAsked: string
  readonly door: string
  readonly wish: 'default' | 'off' | 'on'
  readonly question: ChatQuestion
}

/** An answer as it was given the first time, with what it cost then. */
export interface KnownAnswer {
  readonly target: { readonly provider: string; readonly model: string }
  readonly isSimulated: boolean
  readonly usage: Usage
  /** A whole answer, or the events of a streamed one. */
  readonly answer: ChatAnswer | undefined
  readonly events: readonly ChatEvent[] | undefined
}

export interface RoutingEngine {
  /** Throws `model_not_found`, `no_capable_model`, `unsupported_feature`, `provider_not_configured`, `model_not_permitted`, `price_unknown`. */
  choose(wish: RoutingWish): RoutingChoice
}

export interface RoutingWish {
  /** A catalogue name, `provider/name`, an alias or a route; undefined means the default route. */
  readonly modelAsked: string | undefined
  /** More names to try after it, in order. */
  readonly fallbacks: readonly string[]
  readonly needs: ReadonlySet<Ability>
  readonly inputTokens: number
  readonly outputTokens: number
  readonly taskType: string | undefined
  readonly quality: number | undefined
  readonly allowedModels: readonly string[] | undefined
  /** The dialect of the caller, preferred among equals because nothing is translated then. */
  readonly dialect: Dialect | undefined
  /** From 0 to 1: decides weighted choices, recorded so that a decision can be replayed. */
  readonly seed: number
  readonly nowMs: number
  /** Live signals of a target by its name. */
  signalOf(targetName: string): TargetSignal
}

export interface TargetSignal {
  readonly isAvailable: boolean
  readonly successRate: number | undefined
  readonly latencyMs: number | undefined
}

export interface RoutingChoice {
  /** At least one, best first. */
  readonly targets: readonly Target[]
  /** The name of the route or strategy that decided: `explicit`, `alias`, `auto:cheap`, ... */
  readonly route: string
  readonly reason: string
}

export interface Resilience {
  /** Opens the way to a target. Throws `circuit_open`. The pass must be closed with the outcome, whatever it is. */
  enter(targetName: string): TargetPass
  /** How long to wait before asking the same target again, or undefined when that is pointless. */
  retryDelayMs(failure: RetryQuestion): number | undefined
  deadlinesFor(target: Target, callerDeadlineMs: number | undefined): Deadlines
  signalOf(targetName: string): TargetSignal
}

export interface TargetPass {
  /** `neutral` says nothing about the target's health: the caller left, or the request itself was wrong. */
  close(outcome: 'success' | 'failure' | 'neutral', firstTokenMs?: number): void
}

export interface RetryQuestion {
  readonly problem: Problem
  readonly targetName: string
  /** Attempts already made at this target, from 1. */
  readonly attempts: number
  readonly hasOtherTargets: boolean
  readonly msLeft: number
}

export interface Deadlines {
  readonly connectMs: number
  /** From sending the request to the first content of the answer. */
  readonly firstTokenMs: number
  /** Between two pieces of the body. */
  readonly idleMs: number
  readonly totalMs: number
}

export interface Adapters {
  /** The adapter that speaks a dialect. */
  for(dialect: Dialect): LlmAdapter
}

export interface Transport {
  /**
   * Sends a call and waits for the status line. Throws `provider_unreachable`, `provider_timeout`, `caller_left`.
   * The reply's body must be read to its end or cancelled.
   */
  send(call: HttpCall, options: SendOptions): Promise<ProviderReply>
}

export interface SendOptions {
  readonly provider: ProviderRow
  readonly secret: string | undefined
  readonly deadlines: Deadlines
  readonly signal: AbortSignal
}

export interface ProviderReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /**
   * The next piece of the body, or undefined at its end; waits `withinMs` when given, else the idle deadline.
   * Throws `provider_timeout`, `stream_cut`, `caller_left`.
   */
  next(withinMs?: number): Promise<Uint8Array | undefined>
  /** The whole body, up to a limit. Throws as `next` does, and `provider_malformed` when the limit is passed. */
  whole(): Promise<Uint8Array>
  /** Stops reading and closes the connection; does nothing after the end. */
  cancel(): void
  /** The answer is complete: whatever little follows is thrown away, so that the connection can be used again. */
  drain(): void
}

export interface BudgetManager {
  /** Holds money at every level at once. Throws `budget_exceeded`, `request_cost_exceeded`. */
  reserve(need: BudgetNeed): Soon<Reservation>
  /** The same hold for another target: grows it when needed. Throws as `reserve` does; the old hold then stands. */
  refit(held: Reservation, need: BudgetNeed): Soon<Reservation>
  /** Charges what was spent and gives the rest back. Once; later calls do nothing. */
  settle(held: Reservation, spent: NanoUsd): Soon<void>
}

export interface BudgetNeed {
  readonly requestId: string
  readonly caller: Caller
  readonly userId: string | undefined
  readonly target: Target
  readonly price: PriceVersion
  readonly inputTokensBound: number
  /** The most output tokens that could be useful: the caller's limit, or the operator's for callers without one. */
  readonly outputTokensWished: number
  /** How many answers are asked for at once; each may be as long as the cap. */
  readonly answerCount: number
  readonly maxCostNanoUsd: NanoUsd | undefined
}

export interface Reservation {
  readonly requestId: string
  /** The target that the hold was last fitted to. */
  readonly target: Target
  readonly amount: NanoUsd
  /** What the amount pays for, and what is sent upstream as the cap (per answer). */
  readonly outputTokensCap: number
  readonly price: PriceVersion
  /** The scopes and windows that hold it, as the ledger needs them back. */
  readonly holds: ReadonlyArray<{ readonly scope: string; readonly window: string }>
}

export interface KeyVault {
  /** The provider's key, or undefined when its row says that it needs none. Throws `secret_missing`. */
  secretFor(provider: ProviderRow): Soon<string | undefined>
}

export interface AnalyticsCollector {
  /** Takes a row in memory and returns at once; rows are written in batches. */
  record(row: UsageRow): void
}
