/** The lowest expected cost first; models without a price last. */
import type { Rank } from '#services/routing-engine/strategies/strategy.ts'

export const rankCheapest: Rank = (members, { costOf }) => {
  const ranks = new Float64Array(members.length)
  members.forEach(({ model }, position) => {
    ranks[position] = costOf(model)
  })
  return ranks
}
