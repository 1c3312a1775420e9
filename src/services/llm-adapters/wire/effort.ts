/** How hard to think, in steps and in tokens: the one table between the two. */
import type { ReasoningEffort, ReasoningWish } from '#core/domain/chat.ts'

/** Tokens to think with, for providers that take a budget and not an effort. */
export const budgetOfEffort: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
}

/** The effort wished for: stated, or the step nearest to the stated budget; undefined leaves it to the model. */
export function effortOf(wish: ReasoningWish): ReasoningEffort | undefined {
  if (wish.effort !== undefined) return wish.effort
  const budget = wish.budgetTokens
  if (budget === undefined || budget < 0) return undefined
  if (budget === 0) return 'none'
  let nearest: ReasoningEffort = 'minimal'
  for (const [effort, tokens] of Object.entries(budgetOfEffort) as [ReasoningEffort, number][]) {
    // Only a budget of nothing is none at all.
    if (tokens === 0) continue
    if (Math.abs(tokens - budget) < Math.abs(budgetOfEffort[nearest] - budget)) nearest = effort
  }
  return nearest
}
