/** Everything that routing decides by, as the composition hands it in: at the start and again at each reload. */
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import type { ProviderRow } from '#core/domain/target.ts'

export interface RoutingSources {
  readonly catalogue: RoutingCatalogue
  readonly settings: RoutingSettings
  readonly providers: readonly OfferedProvider[]
  /** The row that answers for providers without a key, while simulation is on. */
  readonly simulated: ProviderRow | undefined
}

export interface RoutingCatalogue {
  readonly models: readonly ModelCard[]
  /** Old and other names to catalogue names. */
  readonly aliases: ReadonlyMap<string, string>
}

export interface RoutingSettings {
  /** The route or model for requests that name none. */
  readonly defaultRoute: string
  readonly routes: ReadonlyMap<string, RouteSetting>
  /** Other names of models and routes; they win over the catalogue's names. */
  readonly aliases: ReadonlyMap<string, string>
  /** What a model without a price is taken to cost; undefined keeps such models out of routes that choose by themselves. */
  readonly ceilingPrice: PriceVersion | undefined
}

export type StrategyName = 'ordered' | 'weighted' | 'cheapest' | 'fastest' | 'best'

export interface RouteSetting {
  readonly strategy: StrategyName
  /** Empty: every model that can be asked. Models are catalogue names, aliases or `provider/name`. */
  readonly targets: ReadonlyArray<{ readonly model: string; readonly weight: number }>
}

/** A provider that the gateway knows how to reach. */
export interface OfferedProvider {
  readonly row: ProviderRow
  /**
   * `live`: it has its key, or needs none. `keyless`: it lacks its key, so simulation may stand in.
   * `disabled`: the operator switched it off; nothing stands in.
   */
  readonly state: 'live' | 'keyless' | 'disabled'
  /** The only models to offer, by catalogue name or by the provider's own name; undefined is all. */
  readonly models?: readonly string[] | undefined
  /** Models without a catalogue price cost nothing here: the operator's own hardware. */
  readonly isFree?: boolean | undefined
}
