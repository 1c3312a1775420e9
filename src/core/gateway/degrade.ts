/** Degrade: what the caller's budgets have done before they refuse, decided by what they stand at before the plan is made. */
import type { Soon } from '#core/domain/soon.ts'
import type { BudgetAdvice } from '#services/budget-manager/budget-advice.ts'
import type { BudgetSubject } from '#services/budget-manager/budget-limits.ts'
import type { Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'

/** Asks the budgets and writes their advice on the passage and the receipt. Throws `budget_paced`, `store_unavailable`. */
export function takeAdvice(rooms: Rooms, passage: Passage): Soon<void> {
  const asked = rooms.budgetManager.advise(budgetSubject(passage))
  const heed = (advice: BudgetAdvice | undefined) => {
    if (!advice) return
    passage.advice = advice
    passage.receipt.degraded = wordsOf(advice, outputTokensStated(rooms, passage))
  }
  return asked instanceof Promise ? asked.then(heed) : heed(asked)
}

/** The longest answer that is wished for: the caller's limit, or the operator's for callers without one. */
export const outputTokensStated = (rooms: Rooms, { workload }: Passage): number =>
  workload.outputTokensMax ?? rooms.settings().unstatedMaxOutputTokens

/** For headers and rows: `lower_output_cap=512 cheaper_models`; undefined when nothing changes for this request. */
function wordsOf({ cheaperModels, outputTokensMax }: BudgetAdvice, stated: number): string | undefined {
  const words: string[] = []
  if (outputTokensMax !== undefined && outputTokensMax < stated)
    words.push(`lower_output_cap=${outputTokensMax}`)
  if (cheaperModels) words.push('cheaper_models')
  return words.length === 0 ? undefined : words.join(' ')
}

/** Whom the request names, where that is not the user to whom its key belongs. */
export const endUserOf = ({ asked, caller }: Passage): string | undefined =>
  asked.userId === caller.userId ? undefined : asked.userId

/** Whose budgets a passage counts against. */
export function budgetSubject(passage: Passage): Omit<BudgetSubject, 'target'> {
  const { asked, caller, userId } = passage
  return { caller, userId, endUserId: endUserOf(passage), tags: asked.tags }
}

/** An errand is paced like any request; its answer has no length, and another model's vectors are no replacement. */
export async function keepErrandPace(rooms: Rooms, passage: Passage): Promise<void> {
  const asked = rooms.budgetManager.advise(budgetSubject(passage))
  if (asked instanceof Promise) await asked
}
