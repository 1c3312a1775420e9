/** What a request will probably cost at a model: for comparing models, never for holding or charging. */
import { priceAt, priceListFor } from '#core/domain/model-card.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import type { RoutingWish } from '#services/routing-engine/routing-wish.ts'

/** Answers are rarely as long as their limit: this many tokens are expected, or the limit when that is less. */
const expectedOutputTokens = 500

/** Nano-dollars, not rounded; Infinity when the price is unknown and there is no ceiling either. */
export function expectedCost(
  card: ModelCard,
  wish: RoutingWish,
  ceilingPrice: PriceVersion | undefined,
): number {
  const version = priceAt(card, wish.nowMs) ?? ceilingPrice
  if (!version) return Number.POSITIVE_INFINITY
  const list = priceListFor(version, wish.inputTokens)
  const outputTokens =
    wish.outputTokens > 0 ? Math.min(wish.outputTokens, expectedOutputTokens) : expectedOutputTokens
  return (
    (wish.inputTokens * list.input + outputTokens * list.output) / 1_000_000 + (list.perRequestNanoUsd ?? 0)
  )
}
