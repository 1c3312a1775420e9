/** Drawn by weight without putting back, so that whoever comes first has exactly its share and the rest follow as fairly. */
import type { Rank } from '#services/routing-engine/strategies/strategy.ts'

/** Members of weight 0 are never drawn: they stand behind all others, in the order written. */
export const rankWeighted: Rank = (members, { wish }) => {
  const ranks = new Float64Array(members.length)
  const rest = members.map(({ weight }, position) => ({ weight, position }))
  let left = 0
  for (const { weight } of rest) left += weight
  let fraction = wish.seed
  let drawn = 0
  while (left > 0 && rest.length > 0) {
    let point = fraction * left
    let at = rest.findIndex(({ weight }) => {
      const isHere = point < weight
      if (!isHere) point -= weight
      return isHere
    })
    // Rounding may carry the point past the end; the last one with a weight is meant then.
    if (at === -1) at = rest.findLastIndex(({ weight }) => weight > 0)
    const [taken] = rest.splice(at, 1)
    if (!taken) break
    ranks[taken.position] = drawn++
    left -= taken.weight
    // Where in the drawn one's share the point fell is as even a number as the seed itself.
    fraction = Math.min(Math.max(point / taken.weight, 0), 1 - Number.EPSILON)
  }
  for (const { position } of rest) ranks[position] = drawn++
  return ranks
}
