/** The usage of several calls together. */
import { addMoney } from '#core/domain/money.ts'
import { noUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'

/** Counts added up; one that a single reply left out is unknown for all. The provider's own objects are not kept. */
export function sumOfUsage(usages: readonly Usage[]): Usage {
  const [first] = usages
  if (first && usages.length === 1) return first
  let sum: Usage = { ...noUsage, inputImageTokens: 0, inputAudioTokens: 0 }
  for (const usage of usages) {
    const cost = usage.reportedCostNanoUsd
    sum = {
      ...sum,
      inputTokens: added(sum.inputTokens, usage.inputTokens),
      outputTokens: added(sum.outputTokens, usage.outputTokens),
      inputImageTokens: added(sum.inputImageTokens, usage.inputImageTokens),
      inputAudioTokens: added(sum.inputAudioTokens, usage.inputAudioTokens),
      ...(usage.searchUnits === undefined ? {} : { searchUnits: (sum.searchUnits ?? 0) + usage.searchUnits }),
      ...(cost === undefined
        ? {}
        : { reportedCostNanoUsd: addMoney(sum.reportedCostNanoUsd ?? noCost, cost) }),
    }
  }
  return sum
}

const noCost = 0 as NonNullable<Usage['reportedCostNanoUsd']>

const added = (one: number | null, other: number | null) =>
  one === null || other === null ? null : one + other
