/** The providers that this house knows: built-in rows under the operator's settings, and rows of the operator's own. */
import type { Config, ProviderConfig } from '#config/config.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Outlet, ProviderRow } from '#core/domain/target.ts'
import { builtInProviders, customProvider, withOverrides } from '#services/llm-adapters/cousins.ts'

/** Every row, built-in ones first. Throws `config_invalid` for an own provider without dialect or address. */
export function providerRows(config: Config): readonly ProviderRow[] {
  const rows = builtInProviders.map((row) => {
    const settings = config.providers.get(row.name)
    return settings ? withPool(withOverrides(row, addressed(settings)), row, settings) : row
  })
  const builtIn = new Set(builtInProviders.map(({ name }) => name))
  const own = [...config.providers.values()].filter(({ name }) => !builtIn.has(name))
  return [...rows, ...own.map(ownRow)]
}

function ownRow(settings: ProviderConfig): ProviderRow {
  const { name, dialect } = settings
  const { baseUrl } = addressed(settings)
  if (dialect !== undefined && baseUrl !== undefined) {
    const row = customProvider({ ...settings, dialect, baseUrl })
    return withPool(row, row, settings)
  }
  throw new Problem('config_invalid', {
    detail: `providers.${name} is not a built-in provider, so it needs a base_url and a dialect.`,
    param: `providers.${name}`,
  })
}

/** Of several addresses, the first is the one that a row without tracks would have. */
const addressed = (settings: ProviderConfig): ProviderConfig => ({
  ...settings,
  baseUrl: settings.baseUrl ?? settings.regions?.[0]?.baseUrl,
})

/** `built` is the row before the operator's address: each region's own address decides its form. */
function withPool(row: ProviderRow, built: ProviderRow, settings: ProviderConfig): ProviderRow {
  const { regions, keys } = settings
  if (!regions && !keys) return row
  const outlets: Outlet[] = []
  for (const region of regions ?? [undefined]) {
    const at = region ? withOverrides(built, { ...settings, baseUrl: region.baseUrl }) : row
    const regionWeight = region?.weight ?? 1
    for (const key of region?.keys ?? keys ?? [undefined]) {
      outlets.push({
        region: region?.name,
        baseUrl: at.baseUrl,
        addressForm: at.addressForm,
        credential: key?.name,
        weight: regionWeight * (key?.weight ?? 1),
      })
    }
  }
  // Where each track has a key of its own, those are the names to set; else the usual ones still count.
  const names = new Set(outlets.flatMap(({ credential }) => credential ?? []))
  const hasOwnKeys = outlets.every(({ credential }) => credential !== undefined)
  return { ...row, outlets, ...(hasOwnKeys ? { keyNames: [...names] } : {}) }
}
