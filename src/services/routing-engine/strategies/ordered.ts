/** The order that the operator wrote. */
import type { Rank } from '#services/routing-engine/strategies/strategy.ts'

export const rankOrdered: Rank = (members) => Float64Array.from(members, (_, position) => position)
