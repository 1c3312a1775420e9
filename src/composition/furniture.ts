/** Furniture: everything that follows from a configuration and is swapped whole with it. */
import { providerRows } from '#composition/providers.ts'
import {
  isSimulating,
  liveProviderNames,
  pricedCatalog,
  resilienceSettings,
  routingSources,
} from '#composition/sources.ts'
import { loadCatalog } from '#config/catalog.ts'
import type { Catalog, Config } from '#config/config.ts'
import { readTextFile } from '#config/system-source.ts'
import type { ProviderRow } from '#core/domain/target.ts'
import type { CorridorSettings } from '#core/gateway/rooms.ts'
import type { ResilienceSettings } from '#services/resilience/resilience.ts'
import { createRoutingEngine } from '#services/routing-engine/routing-engine.ts'
import type { RoutingSources } from '#services/routing-engine/routing-sources.ts'

export interface Furniture {
  readonly config: Config
  readonly catalog: Catalog
  readonly rows: readonly ProviderRow[]
  readonly resilience: ResilienceSettings
  readonly corridor: CorridorSettings
}

/** Throws `config_invalid` when the catalogue or a provider cannot be used. */
export function furnish(config: Config): Furniture {
  const { catalog, priceBook } = pricedCatalog(
    config,
    loadCatalog(config.catalog, { readFile: readTextFile }),
  )
  return {
    config,
    catalog,
    rows: providerRows(config),
    resilience: resilienceSettings(config),
    corridor: {
      unstatedMaxOutputTokens: config.budget.unstatedMaxOutputTokens,
      organisations: config.budget.organisations,
      priceBook,
      currency: config.budget.currency,
      attemptsPerRequest: config.resilience.attemptsPerRequest,
      reroutesFilteredContent: config.resilience.reroutesFilteredContent,
      rescue: config.rescue,
    },
  }
}

/** Who can answer now, by the keys that were found. */
export interface Answerers {
  readonly sources: RoutingSources
  readonly liveNames: ReadonlySet<string>
  readonly isSimulating: boolean
}

export function answerersOf({ config, catalog, rows }: Furniture, withKey: ReadonlySet<string>): Answerers {
  const liveNames = liveProviderNames(config, rows, ({ name }) => withKey.has(name))
  const simulating = isSimulating(config, liveNames)
  const sources = routingSources(config, catalog, { rows, liveNames, isSimulating: simulating })
  return { sources, liveNames, isSimulating: simulating }
}

/** Throws `config_invalid` when a route or an alias of this furniture leads nowhere. */
export function checkFurniture(furniture: Furniture, withKey: ReadonlySet<string>): void {
  createRoutingEngine(answerersOf(furniture, withKey).sources)
}
