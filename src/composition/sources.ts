/** From the configuration to what each room wants to know, in its own words. */
import { isOwnAddress } from '#composition/own-address.ts'
import { withAliasTargets } from '#config/catalog.ts'
import type { Catalog, Config } from '#config/config.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { createPriceBook, withOwnPrices } from '#core/domain/price-book.ts'
import type { PriceBook } from '#core/domain/price-book.ts'
import type { ProviderRow } from '#core/domain/target.ts'
import { tracksOf } from '#core/domain/track.ts'
import type { BudgetSettings } from '#services/budget-manager/budget-manager.ts'
import type { ResilienceSettings } from '#services/resilience/resilience.ts'
import type { RoutingSources } from '#services/routing-engine/routing-sources.ts'

export function resilienceSettings({ resilience }: Config): ResilienceSettings {
  return {
    ...resilience,
    retry: {
      attemptsPerTarget: resilience.attemptsPerTarget,
      baseDelayMs: resilience.retryBaseMs,
      maxDelayMs: resilience.retryMaxMs,
      budgetShare: resilience.retryBudgetShare,
      budgetFloorPerSecond: resilience.retryBudgetFloorPerSecond,
    },
  }
}

export function budgetSettings({ budget }: Config): BudgetSettings {
  return {
    defaultMonthlyLimitNanoUsd: budget.defaultMonthlyLimitNanoUsd,
    limits: budget.limits,
    organisations: budget.organisations,
    holdLeaseMs: budget.holdLeaseMs,
  }
}

/** The price that stands in for an unknown one, where the operator allows that. */
export function ceilingPrice({ pricing }: Config): PriceVersion | undefined {
  if (pricing.unknownModel === 'refuse') return undefined
  return {
    id: 'ceiling',
    validFromMs: 0,
    source: 'pricing.ceiling',
    base: pricing.ceiling,
    tiers: [],
    unknownServiceMillionths: pricing.unknownServiceMillionths,
  }
}

/** The catalogue with the operator's own prices, and the book that they are charged by. */
export function pricedCatalog(config: Config, catalog: Catalog): { catalog: Catalog; priceBook: PriceBook } {
  const { ownPrices, margins, unknownServiceMillionths } = config.pricing
  const models = catalog.models.map((card) => {
    const { prices, ...rest } = withOwnPrices(card, ownPrices)
    return { ...rest, prices: prices.map((version) => ({ ...version, unknownServiceMillionths })) }
  })
  const priceBook = createPriceBook({ ownPrices, margins, ceilingPrice: ceilingPrice(config) })
  return { catalog: { ...catalog, models }, priceBook }
}

/** Providers that have what they need, and whether the simulated one stands in for the rest. */
export interface LiveProviders {
  readonly rows: readonly ProviderRow[]
  readonly liveNames: ReadonlySet<string>
  readonly isSimulating: boolean
}

export function routingSources(config: Config, catalog: Catalog, live: LiveProviders): RoutingSources {
  const { rows, liveNames, isSimulating } = live
  return {
    catalogue: catalog,
    settings: { ...config.routing, ceilingPrice: ceilingPrice(config) },
    providers: rows
      .filter(({ isSimulated }) => !isSimulated)
      .map((row) => {
        const settings = config.providers.get(row.name)
        const isDisabled = settings?.isEnabled === false
        return {
          row,
          state: isDisabled ? 'disabled' : liveNames.has(row.name) ? 'live' : 'keyless',
          models: settings?.models && withAliasTargets(settings.models, catalog.aliases),
          isFree: settings?.isFree,
        }
      }),
    simulated: isSimulating ? rows.find(({ isSimulated }) => isSimulated) : undefined,
  }
}

/**
 * Who can be asked now. A server without keys is live only where the operator named its address, for nobody can tell
 * whether it runs; a row without an address, or with this gateway's own, never is.
 */
export function liveProviderNames(
  config: Config,
  rows: readonly ProviderRow[],
  hasKey: (row: ProviderRow) => boolean,
): ReadonlySet<string> {
  const live = rows.filter((row) => {
    const settings = config.providers.get(row.name)
    if (row.isSimulated || settings?.isEnabled === false) return false
    const addresses = tracksOf(row).map((track) => track.row.baseUrl)
    if (addresses.some((address) => address === '' || isOwnAddress(address, config.server))) return false
    if (row.auth !== 'none') return hasKey(row)
    return settings?.baseUrl !== undefined || settings?.regions !== undefined
  })
  return new Set(live.map(({ name }) => name))
}

export function isSimulating(config: Config, liveNames: ReadonlySet<string>): boolean {
  if (config.simulation.enabled !== 'auto') return config.simulation.enabled
  return config.mode === 'development' && liveNames.size === 0
}
