/** What a name stands for: a model with its equals elsewhere, or a route that chooses. */
import type { RoutedModel } from '#services/routing-engine/routed-model.ts'
import type { StrategyName } from '#services/routing-engine/routing-sources.ts'

export type Meaning =
  | {
      readonly kind: 'models'
      /** The model asked for and, after it, the same model at other providers. */
      readonly models: readonly RoutedModel[]
      /** `explicit` or `alias`. */
      readonly route: string
      readonly reason: string
      /** What the catalogue names in its place once it has retired. */
      readonly successor: string | undefined
    }
  | { readonly kind: 'route'; readonly route: Route }

export interface Route {
  readonly name: string
  readonly strategy: StrategyName
  /** Undefined: every model that can be asked. */
  readonly members: readonly Member[] | undefined
  /** The quality below which it does not choose when neither wish nor task type say more. */
  readonly usualFloor: number
}

export interface Member {
  readonly model: RoutedModel
  readonly weight: number
}

export function meaningOfModels(models: readonly RoutedModel[], successor?: string): Meaning {
  return { kind: 'models', models, route: 'explicit', reason: 'asked for by name', successor }
}

/** The same meaning under another name. */
export function underAlias(meaning: Meaning, alias: string): Meaning {
  const [first] = meaning.kind === 'models' ? meaning.models : []
  if (meaning.kind === 'route' || !first) return meaning
  return { ...meaning, route: 'alias', reason: `${alias} is another name of ${first.card.name}` }
}
