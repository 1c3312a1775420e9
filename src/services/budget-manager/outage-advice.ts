/**
 * Advice while the ledger is away: none. What budgets would do before they refuse is no reason to fail a request that
 * may be paid for without the ledger; the limits themselves still hold.
 */
import type { Clock } from '#core/domain/clock.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { BudgetAdvice } from '#services/budget-manager/budget-advice.ts'

/** After a failure nobody waits for the ledger's standing again for this long. */
const leftAloneMs = 1_000

/** Passes advice on, and leaves the ledger alone for a while after it was away. */
export function createOutageAdvice(clock: Clock) {
  let untilMs = Number.NEGATIVE_INFINITY
  const unlessAway = (thrown: unknown): undefined => {
    if (!(thrown instanceof Problem) || thrown.code !== 'store_unavailable') throw thrown
    untilMs = clock.monotonicMs() + leftAloneMs
  }
  return (advise: () => Soon<BudgetAdvice | undefined>): Soon<BudgetAdvice | undefined> => {
    if (clock.monotonicMs() < untilMs) return undefined
    const advice = advise()
    return advice instanceof Promise ? advice.catch(unlessAway) : advice
  }
}
