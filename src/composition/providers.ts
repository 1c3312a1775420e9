/** The providers that this house knows: built-in rows under the operator's settings, and rows of the operator's own. */
import type { Config, ProviderConfig } from '#config/config.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProviderRow } from '#core/domain/target.ts'
import { builtInProviders, customProvider, withOverrides } from '#services/llm-adapters/cousins.ts'

/** Every row, built-in ones first. Throws `config_invalid` for an own provider without dialect or address. */
export function providerRows(config: Config): readonly ProviderRow[] {
  const rows = builtInProviders.map((row) => {
    const settings = config.providers.get(row.name)
    return settings ? withOverrides(row, settings) : row
  })
  const builtIn = new Set(builtInProviders.map(({ name }) => name))
  const own = [...config.providers.values()].filter(({ name }) => !builtIn.has(name))
  return [...rows, ...own.map(ownRow)]
}

function ownRow(settings: ProviderConfig): ProviderRow {
  const { name, dialect, baseUrl } = settings
  if (dialect !== undefined && baseUrl !== undefined) return customProvider({ ...settings, dialect, baseUrl })
  throw new Problem('config_invalid', {
    detail: `providers.${name} is not a built-in provider, so it needs a base_url and a dialect.`,
    param: `providers.${name}`,
  })
}
