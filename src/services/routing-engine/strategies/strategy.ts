/** What a strategy is: numbers for members, the lowest first. Filtering and availability are decided around it. */
import type { Member } from '#services/routing-engine/meaning.ts'
import type { RoutedModel } from '#services/routing-engine/routed-model.ts'
import type { RoutingWish } from '#services/routing-engine/routing-wish.ts'

export interface RankingTerms {
  readonly wish: RoutingWish
  /** Nano-dollars expected; Infinity when unknown. */
  readonly costOf: (model: RoutedModel) => number
}

/** One rank for each member, at its position. Pure: chance comes from the wish's seed alone. */
export type Rank = (members: readonly Member[], terms: RankingTerms) => Float64Array
