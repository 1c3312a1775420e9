/** Resilience: the way to each target, how long it may take, and when to ask it again. */
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { Deadlines } from '#core/domain/deadlines.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target, TargetSignal } from '#core/domain/target.ts'
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

export interface TargetPass {
  /** `neutral` says nothing about the target's health: the caller left, or the request itself was wrong. */
  close(outcome: Outcome, firstTokenMs?: number): void
}

export interface Resilience {
  /** Opens the way to a target. Throws `circuit_open`. The pass must be closed with the outcome, whatever it is. */
  enter(targetName: string): TargetPass
  /** How long to wait before asking the same target again, or undefined when that is pointless. */
  retryDelayMs(failed: RetryCase): number | undefined
  /** For the next call of a request that has taken `elapsedMs` so far. Throws `deadline_exceeded`. */
  deadlinesFor(target: Target, elapsedMs: number, callerDeadlineMs: number | undefined): Deadlines
  signalOf(targetName: string): TargetSignal
  /** Every target under watch, for operators. */
  health(): readonly TargetHealth[]
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

/** The deadlines of one call: the configured ones, shortened by what the caller allows and by what is used up. */
function deadlinesOf(
  settings: ResilienceSettings,
  target: Target,
  elapsedMs: number,
  callerDeadlineMs: number | undefined,
): Deadlines {
  const totalMs = Math.min(settings.totalMs, callerDeadlineMs ?? settings.totalMs) - elapsedMs
  if (totalMs <= 0) throw new Problem('deadline_exceeded')
  const thinks = target.card.abilities.has('reasoning')
  return {
    connectMs: settings.connectMs,
    firstTokenMs: Math.min(thinks ? settings.firstTokenReasoningMs : settings.firstTokenMs, totalMs),
    idleMs: settings.idleMs,
    totalMs,
  }
}

export function createResilience(ports: {
  readonly clock: Clock
  readonly chance: Chance
  readonly settings: () => ResilienceSettings
}): Resilience {
  const { clock, chance, settings } = ports
  const watches = createRecentNames<Watch>((name) => ({
    breaker: createBreaker(name, clock, () => settings().breaker),
    latencyMs: undefined,
  }))
  const retryPolicy = createRetryPolicy(clock, chance, () => settings().retry)

  return {
    enter(targetName) {
      const watch = watches.use(targetName)
      const leave = watch.breaker.enter()
      retryPolicy.countRequest(targetName)
      return {
        close(outcome, firstTokenMs) {
          leave(outcome)
          if (outcome === 'success' && firstTokenMs !== undefined) noteLatency(watch, firstTokenMs)
        },
      }
    },
    retryDelayMs: (failed) => retryPolicy.delayMs(failed),
    deadlinesFor: (target, elapsedMs, callerDeadlineMs) =>
      deadlinesOf(settings(), target, elapsedMs, callerDeadlineMs),
    signalOf(targetName) {
      const watch = watches.peek(targetName)
      return {
        isAvailable: watch === undefined || watch.breaker.isOpenToRequests,
        successRate: watch?.breaker.successRate,
        latencyMs: watch?.latencyMs,
      }
    },
    health() {
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
