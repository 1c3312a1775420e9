/** The highest quality first; among equals the lower expected cost. */
import type { Rank } from '#services/routing-engine/strategies/strategy.ts'

/** Scales a cost in nano-dollars down to where it can only decide between equal qualities. */
const costWeight = 1e-18

export const rankBest: Rank = (members, { costOf }) => {
  const ranks = new Float64Array(members.length)
  members.forEach(({ model }, position) => {
    const cost = Math.min(costOf(model), Number.MAX_SAFE_INTEGER)
    ranks[position] = cost * costWeight - model.quality
  })
  return ranks
}
