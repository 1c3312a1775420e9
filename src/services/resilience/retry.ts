/** Whether to ask the same model again, and after how long: full jitter, Retry-After as a floor, a budget of retries. */
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { Problem } from '#core/domain/problem.ts'
import { classOf, isUnconnected } from '#services/resilience/error-classes.ts'
import { createRecentNames } from '#services/resilience/recent-names.ts'

export interface RetrySettings {
  /** How often one track of a target is asked at most. */
  readonly attemptsPerTarget: number
  readonly baseDelayMs: number
  readonly maxDelayMs: number
  /** Retries may be this share of a target's requests ... */
  readonly budgetShare: number
  /** ... and always this many a second. */
  readonly budgetFloorPerSecond: number
}

export interface RetryCase {
  readonly problem: Problem
  readonly targetName: string
  /** Attempts already made at this target, from 1. */
  readonly attempts: number
  /** How many other keys and addresses of this target have not been asked yet and could answer at once. */
  readonly freshTracks: number
  readonly hasOtherTargets: boolean
  readonly msLeft: number
}

export interface RetryPolicy {
  /** An attempt at a target: unless it is a retry that was granted, it earns its share of the retry budget. */
  countRequest(targetName: string): void
  /** The wait before the next attempt, or undefined when there must be none. */
  delayMs(failed: RetryCase): number | undefined
  /** Since the start. */
  readonly counts: { readonly granted: number; readonly denied: number }
}

interface RetryBudget {
  tokens: number
  atMs: number
  retriesUnderWay: number
}

/** Tokens saved up at most: a burst of retries after a quiet hour is still a burst. */
const budgetCap = 10

/**
 * A key that is limited or refused rests from now on, and to an address that nobody could connect to nothing was sent:
 * leaving either for another is no storm of repetitions.
 */
const isLeftForGood = (problem: Problem): boolean =>
  classOf(problem).rests !== 'nothing' || isUnconnected(problem)

export function createRetryPolicy(clock: Clock, chance: Chance, settings: () => RetrySettings): RetryPolicy {
  const counts = { granted: 0, denied: 0 }
  const budgets = createRecentNames<RetryBudget>(() => ({
    tokens: budgetCap,
    atMs: clock.monotonicMs(),
    retriesUnderWay: 0,
  }))

  const budgetOf = (targetName: string): RetryBudget => {
    const now = clock.monotonicMs()
    const budget = budgets.use(targetName)
    const earned = ((now - budget.atMs) / 1_000) * settings().budgetFloorPerSecond
    budget.tokens = Math.min(budgetCap, budget.tokens + earned)
    budget.atMs = now
    return budget
  }
  const spend = (targetName: string, tokens: number): boolean => {
    const budget = budgetOf(targetName)
    if (budget.tokens < tokens) {
      counts.denied++
      return false
    }
    budget.tokens -= tokens
    budget.retriesUnderWay++
    counts.granted++
    return true
  }
  /** Never after a track that nobody waits for: whoever else could answer, in this target or after it, comes first. */
  const pauseMs = ({ problem, attempts, hasOtherTargets, msLeft }: RetryCase): number | undefined => {
    const { attemptsPerTarget, baseDelayMs, maxDelayMs } = settings()
    const { again } = classOf(problem)
    if (again === 'no' || attempts >= attemptsPerTarget || (again === 'if-alone' && hasOtherTargets))
      return undefined
    const jittered = chance.fraction() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempts - 1))
    const delayMs = Math.max(jittered, problem.details.retryAfterMs ?? 0)
    return delayMs > maxDelayMs || delayMs >= msLeft ? undefined : delayMs
  }

  return {
    counts,
    countRequest(targetName) {
      const budget = budgetOf(targetName)
      // The attempt that a granted retry makes is no request of its own and earns nothing.
      if (budget.retriesUnderWay > 0) budget.retriesUnderWay--
      else budget.tokens = Math.min(budgetCap, budget.tokens + settings().budgetShare)
    },
    delayMs(failed) {
      if (failed.msLeft <= 0) return undefined
      const canChangeTrack = failed.freshTracks > 0 && classOf(failed.problem).otherTrack
      const delayMs = canChangeTrack ? 0 : pauseMs(failed)
      const tokens = canChangeTrack && isLeftForGood(failed.problem) ? 0 : 1
      return delayMs === undefined || !spend(failed.targetName, tokens) ? undefined : delayMs
    },
  }
}
