/** Every strategy by its name, with the words for its decisions. */
import type { StrategyName } from '#services/routing-engine/routing-sources.ts'
import { rankBest } from '#services/routing-engine/strategies/best.ts'
import { rankCheapest } from '#services/routing-engine/strategies/cheapest.ts'
import { rankFastest } from '#services/routing-engine/strategies/fastest.ts'
import { rankOrdered } from '#services/routing-engine/strategies/ordered.ts'
import type { Rank } from '#services/routing-engine/strategies/strategy.ts'
import { rankWeighted } from '#services/routing-engine/strategies/weighted.ts'

export interface Strategy {
  readonly rank: Rank
  /** "cheapest of 14 capable models" */
  readonly superlative: string
  /** Whether models below a quality are left out; the others take what the operator wrote, or the best anyway. */
  readonly hasFloor: boolean
}

export const strategyByName: Readonly<Record<StrategyName, Strategy>> = {
  ordered: { rank: rankOrdered, superlative: 'first in order', hasFloor: false },
  weighted: { rank: rankWeighted, superlative: 'drawn by weight', hasFloor: false },
  cheapest: { rank: rankCheapest, superlative: 'cheapest', hasFloor: true },
  fastest: { rank: rankFastest, superlative: 'fastest', hasFloor: true },
  best: { rank: rankBest, superlative: 'best', hasFloor: false },
}
