/** Resilience: the way to each target, how long it may take, and when to ask it again. */
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { Target } from '#core/domain/target.ts'
import { createBreaker } from '#services/resilience/breaker.ts'
import type { Breaker, BreakerSettings, BreakerState, Outcome } from '#services/resilience/breaker.ts'
import { createRecentNames } from '#services/resilience/recent-names.ts'
import { createRetryPolicy } from '#services/resilience/retry.ts'
import type { RetryCase, RetrySettings } from '#services/resilience/retry.ts'

export interface ResilienceSettings {
  readonly connectMs: number
  readonly firstTokenMs: number
  /** For models that think before they speak. */
  readonly firstTokenReasoningMs: number
  readonly idleMs: number
  readonly totalMs: number
  readonly retry: RetrySettings
  readonly breaker: BreakerSettings
}

export interface TargetHealth {
  readonly name: string
  readonly state: BreakerState
  readonly successRate: number | undefined
  readonly latencyMs: number | undefined
  readonly retryInMs: number
}

/** How much one new measurement moves the running average. */
const averageWeight = 0.1

/** One target under watch. */
interface Watch {
  readonly breaker: Breaker
  latencyMs: number | undefined
}

function noteLatency(watch: Watch, firstTokenMs: number): void {
  const { latencyMs } = watch
  watch.latencyMs =
    latencyMs === undefined ? firstTokenMs : latencyMs + averageWeight * (firstTokenMs - latencyMs)
}

/** The deadlines of one call: the configured ones, shortened by what the caller allows. */
function deadlinesOf(settings: ResilienceSettings, target: Target, callerDeadlineMs: number | undefined) {
  const totalMs = Math.min(settings.totalMs, callerDeadlineMs ?? settings.totalMs)
  const thinks = target.card.abilities.has('reasoning')
  return {
    connectMs: settings.connectMs,
    firstTokenMs: Math.min(thinks ? settings.firstTokenReasoningMs : settings.firstTokenMs, totalMs),
    idleMs: settings.idleMs,
    totalMs,
  }
}

/** The room as the corridor sees it (`Resilience`), and what operators see of it (`health`). */
export function createResilience(ports: {
  readonly clock: Clock
  readonly chance: Chance
  readonly settings: () => ResilienceSettings
}) {
  const { clock, chance, settings } = ports
  const watches = createRecentNames<Watch>((name) => ({
    breaker: createBreaker(name, clock, () => settings().breaker),
    latencyMs: undefined,
  }))
  const retryPolicy = createRetryPolicy(clock, chance, () => settings().retry)

  return {
    enter(targetName: string) {
      const watch = watches.use(targetName)
      const leave = watch.breaker.enter()
      retryPolicy.countRequest(targetName)
      return {
        close(outcome: Outcome, firstTokenMs?: number) {
          leave(outcome)
          if (outcome === 'success' && firstTokenMs !== undefined) noteLatency(watch, firstTokenMs)
        },
      }
    },
    retryDelayMs: (failed: RetryCase) => retryPolicy.delayMs(failed),
    deadlinesFor: (target: Target, callerDeadlineMs: number | undefined) =>
      deadlinesOf(settings(), target, callerDeadlineMs),
    signalOf(targetName: string) {
      const watch = watches.peek(targetName)
      return {
        isAvailable: watch === undefined || watch.breaker.isOpenToRequests,
        successRate: watch?.breaker.successRate,
        latencyMs: watch?.latencyMs,
      }
    },
    health(): readonly TargetHealth[] {
      return [...watches.entries()].map(([name, { breaker, latencyMs }]) => ({
        name,
        state: breaker.state,
        successRate: breaker.successRate,
        latencyMs,
        retryInMs: breaker.waitMs,
      }))
    },
  }
}
