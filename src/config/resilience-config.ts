/** The settings of resilience as the house reads them, and how they come about. */
import { toOwnDeadlines } from '#config/deadline-config.ts'
import type { OwnDeadlines } from '#core/domain/deadlines.ts'
import type { AdminConfig } from '#config/schema.ts'

export interface ResilienceConfig {
  readonly connectMs: number
  /** Until the status line of a stream, for models that do not think first. */
  readonly headersMs: number
  readonly firstTokenMs: number
  /** The same for models that think before they speak. */
  readonly firstTokenReasoningMs: number
  /** Until an answer that comes whole is there. */
  readonly wholeAnswerMs: number
  readonly idleMs: number
  readonly totalMs: number
  readonly ownDeadlines: OwnDeadlines | undefined
  readonly pace: { readonly tokensPerSecond: number; readonly windowMs: number }
  readonly attemptsPerTarget: number
  readonly attemptsPerRequest: number
  readonly retryBaseMs: number
  readonly retryMaxMs: number
  /** From 0 to 1. */
  readonly retryBudgetShare: number
  readonly retryBudgetFloorPerSecond: number
  readonly reroutesFilteredContent: boolean
  readonly coolDown: {
    readonly limitedMs: number
    readonly refusedMs: number
    readonly maxMs: number
  }
  readonly hedge: {
    readonly isEnabled: boolean
    readonly share: number
    readonly samplesLeast: number
  }
  readonly breaker: {
    readonly windowMs: number
    /** From 0 (excluded) to 1. */
    readonly failureRate: number
    readonly minimumRequests: number
    readonly connectErrors: number
    /** From 0 (excluded) to 1. */
    readonly slowRate: number
    readonly openMs: number
    readonly openMaxMs: number
    readonly silentOpenMaxMs: number
    readonly halfOpenTrials: number
    readonly silentCalls: number
  }
  readonly silence: {
    readonly factor: number
    readonly leastMs: number
    readonly leastReasoningMs: number
    readonly perThousandTokensMs: number
  }
  readonly slowFirstTokenMs: number
  readonly slowFirstTokenReasoningMs: number
  readonly ejection: {
    readonly minimumRequests: number
    readonly margin: number
    readonly deviations: number
    readonly shareMax: number
    readonly ejectMs: number
  }
  readonly sharesHints: boolean
}

type Silence = AdminConfig['resilience']['breaker']['silence']

const silenceOf = (silence: Silence): ResilienceConfig['silence'] => ({
  factor: silence.factor,
  leastMs: silence.least_ms,
  leastReasoningMs: silence.least_reasoning_ms,
  perThousandTokensMs: silence.per_thousand_tokens_ms,
})

/** A whole answer takes as long as all its words do, not the first. */
const wholeShare = 5

export function toResilience(settings: AdminConfig): ResilienceConfig {
  const { resilience } = settings
  const { breaker, cool_down: coolDown, ejection } = resilience
  return {
    connectMs: resilience.connect_ms,
    headersMs: resilience.headers_ms,
    firstTokenMs: resilience.first_token_ms,
    firstTokenReasoningMs: resilience.first_token_reasoning_ms,
    wholeAnswerMs: resilience.whole_answer_ms || wholeShare * resilience.first_token_ms,
    idleMs: resilience.idle_ms,
    totalMs: resilience.total_ms,
    ownDeadlines: toOwnDeadlines(settings),
    pace: {
      tokensPerSecond: resilience.minimum_tokens_per_second,
      windowMs: resilience.minimum_rate_window_ms,
    },
    attemptsPerTarget: resilience.attempts_per_target,
    attemptsPerRequest: resilience.attempts_per_request,
    retryBaseMs: resilience.retry_base_ms,
    retryMaxMs: resilience.retry_max_ms,
    retryBudgetShare: resilience.retry_budget_share,
    retryBudgetFloorPerSecond: resilience.retry_budget_floor,
    reroutesFilteredContent: resilience.reroute_filtered_content,
    coolDown: {
      limitedMs: coolDown.limited_ms,
      refusedMs: coolDown.refused_ms,
      maxMs: coolDown.max_ms,
    },
    hedge: {
      isEnabled: resilience.hedge.enabled,
      share: resilience.hedge.share,
      samplesLeast: resilience.hedge.samples_least,
    },
    breaker: {
      windowMs: breaker.window_ms,
      failureRate: breaker.failure_rate,
      minimumRequests: breaker.minimum_requests,
      connectErrors: breaker.connect_errors,
      slowRate: breaker.slow_rate,
      openMs: breaker.open_ms,
      openMaxMs: breaker.open_max_ms,
      silentOpenMaxMs: breaker.silence.open_max_ms,
      halfOpenTrials: breaker.half_open_trials,
      silentCalls: breaker.silence.calls,
    },
    silence: silenceOf(breaker.silence),
    slowFirstTokenMs: breaker.slow_first_token_ms,
    slowFirstTokenReasoningMs: breaker.slow_first_token_reasoning_ms,
    ejection: {
      minimumRequests: ejection.minimum_requests,
      margin: ejection.margin,
      deviations: ejection.deviations,
      shareMax: ejection.share_max,
      ejectMs: ejection.eject_ms,
    },
    sharesHints: resilience.share_hints,
  }
}
