/** What a request may cost at most, and how long an answer an amount pays for. */
import { highestCost, outputTokensAffordable } from '#core/domain/model-card.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { addMoney, formatUsd, toNanoUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'

export interface CostQuestion {
  readonly price: PriceVersion
  readonly inputTokensBound: number
  readonly outputTokensWished: number
  readonly searchUnitsBound?: number | undefined
  readonly answerCount: number
  readonly maxCostNanoUsd: NanoUsd | undefined
  /** What is to be covered beside the answers. */
  readonly spentNanoUsd?: NanoUsd | undefined
}

export interface CostBounds {
  /** What the wished answers cost at most, within what the request allows itself. */
  readonly amount: NanoUsd
  /** What the shortest answer worth having costs at most. */
  readonly amountLeast: NanoUsd
}

/** Throws `request_cost_exceeded` when even the shortest answer could cost more than the request allows itself. */
export function costBounds(question: CostQuestion, outputTokensLeast: number): CostBounds {
  const { outputTokensWished, maxCostNanoUsd } = question
  const amount = costAt(question, outputTokensWished)
  const amountLeast = outputTokensWished <= outputTokensLeast ? amount : costAt(question, outputTokensLeast)
  if (maxCostNanoUsd === undefined || amount <= maxCostNanoUsd) return { amount, amountLeast }
  if (amountLeast > maxCostNanoUsd) {
    throw new Problem('request_cost_exceeded', {
      detail: `The request could cost $${formatUsd(amountLeast)}, and it allows itself $${formatUsd(maxCostNanoUsd)}.`,
      facts: { least_cost_usd: formatUsd(amountLeast), max_cost_usd: formatUsd(maxCostNanoUsd) },
    })
  }
  return { amount: maxCostNanoUsd, amountLeast }
}

/** The output cap for each answer that an amount surely pays for, and never more than was wished. */
export function outputCapFor(question: CostQuestion, amount: NanoUsd): number {
  const rest = Math.max(0, amount - (question.spentNanoUsd ?? 0))
  const share = Math.floor(rest / question.answerCount) as NanoUsd
  const affordable = outputTokensAffordable(question.price, share, question.inputTokensBound)
  return Math.min(question.outputTokensWished, affordable)
}

/** Every answer may be as long as the cap; the input is taken to be charged for each, which is never too little. */
function costAt(question: CostQuestion, outputTokens: number): NanoUsd {
  const one = highestCost(question.price, question.inputTokensBound, outputTokens, question.searchUnitsBound)
  const all = question.answerCount === 1 ? one : toNanoUsd(one * question.answerCount)
  return question.spentNanoUsd === undefined ? all : addMoney(all, question.spentNanoUsd)
}
