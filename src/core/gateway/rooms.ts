/**
 * What the corridor needs: of each room the methods that it calls, in the room's own words. The rooms themselves are
 * built elsewhere and handed in.
 */
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { Currency } from '#core/domain/currency.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import type { PriceBook } from '#core/domain/price-book.ts'
import type { RescueSettings } from '#core/gateway/rescue-policy.ts'
import type { AccessControl } from '#services/access-control/access-control.ts'
import type { AnalyticsCollector } from '#services/analytics-collector/analytics-collector.ts'
import type { BudgetManager } from '#services/budget-manager/budget-manager.ts'
import type { Guardrails } from '#services/guardrails/guardrails.ts'
import type { Idempotency } from '#services/idempotency/idempotency.ts'
import type { KeyVault } from '#services/key-vault/key-vault.ts'
import type { HttpCall } from '#services/llm-adapters/adapter.ts'
import type { ErrandAdapters } from '#services/llm-adapters/errand-registry.ts'
import type { Adapters } from '#services/llm-adapters/registry.ts'
import type { SendTerms } from '#services/llm-adapters/transport.ts'
import type { LoadControl } from '#services/load-control/load-control.ts'
import type { RateLimiter } from '#services/rate-limiter/rate-limiter.ts'
import type { Resilience } from '#services/resilience/resilience.ts'
import type { ResponseCache } from '#services/response-cache/response-cache.ts'
import type { RoutingEngine } from '#services/routing-engine/routing-engine.ts'

export interface Rooms {
  readonly clock: Clock
  readonly chance: Chance
  readonly accessControl: Pick<AccessControl, 'authenticate'>
  readonly rateLimiter: Pick<RateLimiter, 'take'>
  readonly guardrails: Guardrails
  readonly idempotency: Pick<Idempotency, 'settings' | 'nameOf' | 'claim' | 'finish' | 'release'>
  readonly responseCache: ResponseCache
  readonly routingEngine: Pick<RoutingEngine, 'choose'>
  readonly loadControl: Pick<LoadControl, 'enter'>
  readonly resilience: Pick<
    Resilience,
    | 'enter'
    | 'hedgeAfterMs'
    | 'takeHedge'
    | 'hasFreshTrack'
    | 'retryDelayMs'
    | 'refuseLate'
    | 'deadlinesFor'
    | 'signalOf'
  >
  readonly adapters: Adapters
  readonly errandAdapters: ErrandAdapters
  readonly transport: Transport
  readonly budgetManager: Pick<BudgetManager, 'advise' | 'reserve' | 'refit' | 'dispatch' | 'settle'>
  readonly keyVault: Pick<KeyVault, 'secretFor' | 'isReplaced'>
  readonly analyticsCollector: Pick<AnalyticsCollector, 'record' | 'noteRescue' | 'noteHedge'>
  /** Waits; ends early with `caller_left` when the signal is aborted. */
  pause(durationMs: number, signal: LeaveSignal): Promise<void>
  /** Tells the operator of a failure that no caller can be told of any more. */
  report(failure: unknown, place: string): void
  /** The settings that hold at this moment; a reload replaces them whole. */
  settings(): CorridorSettings
}

export interface CorridorSettings {
  /** The output cap of callers who state none. */
  readonly unstatedMaxOutputTokens: number
  /** The organisation of each tenant that belongs to one. */
  readonly organisations: ReadonlyMap<string, string>
  /** In what a receipt states its cost beside US dollars; undefined in nothing else. */
  readonly currency?: Currency | undefined
  /** What answers are held and charged by. */
  readonly priceBook: PriceBook
  /** Calls to providers for one request, whoever is asked. */
  readonly attemptsPerRequest: number
  /** Whether a question whose content one provider refused is taken to another. */
  readonly reroutesFilteredContent: boolean
  readonly rescue: RescueSettings
}

/** The way to the providers, real and simulated. */
export interface Transport {
  /**
   * Sends a call and waits for the status line. Throws `provider_unreachable`, `provider_timeout`, `caller_left`.
   * The reply's body must be read to its end or cancelled.
   */
  send(call: HttpCall, terms: SendTerms): Promise<ProviderReply>
}

export interface ProviderReply {
  readonly status: number
  /** Names in lower case. */
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
