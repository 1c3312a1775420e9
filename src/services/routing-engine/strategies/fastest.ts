/** The shortest wait for the first words: as measured lately, or as supposed of a model that nobody has measured. */
import { priceAt } from '#core/domain/model-card.ts'
import type { RoutedModel } from '#services/routing-engine/routed-model.ts'
import type { Rank } from '#services/routing-engine/strategies/strategy.ts'

/** A measured target with failures waits as much longer as its requests must be repeated; never more than ten times. */
const successRateAtLeast = 0.1
const nanoUsdPerUsd = 1_000_000_000

export const rankFastest: Rank = (members, { wish }) => {
  const ranks = new Float64Array(members.length)
  members.forEach(({ model }, position) => {
    const { latencyMs, successRate } = wish.signalOf(model.targetName)
    const waitMs = latencyMs ?? supposedLatencyMs(model, wish.nowMs)
    ranks[position] = waitMs / Math.max(successRateAtLeast, successRate ?? 1)
  })
  return ranks
}

/** Dear models are large and large models are slow; models that think begin later. Rough, and soon replaced by measurement. */
function supposedLatencyMs({ card }: RoutedModel, nowMs: number): number {
  const usdPerMillion = (priceAt(card, nowMs)?.base.output ?? 0) / nanoUsdPerUsd
  const thinkingMs = card.abilities.has('reasoning') ? 400 : 0
  return 300 + 100 * Math.sqrt(usdPerMillion) + thinkingMs
}
