/** Whether to ask the same target again, and after how long: full jitter, Retry-After as a floor, a budget of retries. */
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { Problem } from '#core/domain/problem.ts'
import { createRecentNames } from '#services/resilience/recent-names.ts'

export interface RetrySettings {
  /** How often one target is asked at most. */
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
  readonly hasOtherTargets: boolean
  readonly msLeft: number
}

export interface RetryPolicy {
  /** An attempt at a target: unless it is a retry that was granted, it earns its share of the retry budget. */
  countRequest(targetName: string): void
  /** The wait before the next attempt, or undefined when there must be none. */
  delayMs(failed: RetryCase): number | undefined
}

interface RetryBudget {
  tokens: number
  atMs: number
  retriesUnderWay: number
}

/** Tokens saved up at most: a burst of retries after a quiet hour is still a burst. */
const budgetCap = 10

export function createRetryPolicy(clock: Clock, chance: Chance, settings: () => RetrySettings): RetryPolicy {
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

  return {
    countRequest(targetName) {
      const budget = budgetOf(targetName)
      // The attempt that a granted retry makes is no request of its own and earns nothing.
      if (budget.retriesUnderWay > 0) budget.retriesUnderWay--
      else budget.tokens = Math.min(budgetCap, budget.tokens + settings().budgetShare)
    },
    delayMs({ problem, targetName, attempts, hasOtherTargets, msLeft }) {
      const { attemptsPerTarget, baseDelayMs, maxDelayMs } = settings()
      if (!canSucceedHere(problem) || attempts >= attemptsPerTarget) return undefined
      // A silent or limiting target is not waited for while another could answer at once.
      if (
        hasOtherTargets &&
        (problem.code === 'provider_timeout' || problem.code === 'provider_rate_limited')
      ) {
        return undefined
      }
      const jittered = chance.fraction() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempts - 1))
      const delayMs = Math.max(jittered, problem.details.retryAfterMs ?? 0)
      if (delayMs > maxDelayMs || delayMs >= msLeft) return undefined
      const budget = budgetOf(targetName)
      if (budget.tokens < 1) return undefined
      budget.tokens--
      budget.retriesUnderWay++
      return delayMs
    },
  }
}

/** A request that alone is above a target's limit is refused there at any time, though it may fit elsewhere. */
function canSucceedHere({ kind, details }: Problem): boolean {
  return kind.isRetryable && details.facts?.['neverFits'] !== true
}
