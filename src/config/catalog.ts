/** The model catalogue read and checked: which models exist, what they can do, what they cost. */
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { brokenCatalogRules } from '#config/catalog-rules.ts'
import { catalogOverridesSchema, catalogSchema } from '#config/catalog-schema.ts'
import type { CatalogFile, CatalogModel, CatalogOverrides, CatalogPrice } from '#config/catalog-schema.ts'
import type { Catalog, CatalogConfig, ConfigSource } from '#config/config.ts'
import { configInvalid } from '#config/fault.ts'
import type { ConfigFault } from '#config/fault.ts'
import { schemaFaults } from '#config/schema-faults.ts'
import { readYaml } from '#config/yaml-text.ts'
import type { YamlText } from '#config/yaml-text.ts'
import { toPriceList, toServices, toTiers } from '#config/to-prices.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'

/** The catalogue that comes with the program. */
export const ownCatalogFile = fileURLToPath(new URL('../../config/model_catalog.yaml', import.meta.url))

/**
 * Reads the catalogue and its overrides. Throws `config_invalid` with every fault and its line. A model whose
 * price nobody knows has no prices, which is not the same as costing nothing.
 */
export function loadCatalog(config: CatalogConfig, source: Pick<ConfigSource, 'readFile'>): Catalog {
  const base = readCatalog(config.file ?? ownCatalogFile, source)
  if (config.overridesFile === undefined) return toCatalog(base.content)
  const overrides = readChecked(config.overridesFile, source, catalogOverridesSchema)
  return toCatalog(merged(base.content, overrides, config.overridesFile))
}

/** One whole catalogue file, checked, before it is turned into cards. */
export function readCatalog(file: string, source: Pick<ConfigSource, 'readFile'>) {
  const read = readChecked(file, source, catalogSchema)
  refuse(brokenCatalogRules(read.content).map((fault) => ({ source: file, ...read.yaml.located(fault) })))
  return read
}

/** The names, and for each one that is an alias the model behind it too: settings may list either. */
export function withAliasTargets(names: readonly string[], aliases: ReadonlyMap<string, string>): string[] {
  return [...new Set(names.flatMap((name) => [name, aliases.get(name) ?? name]))]
}

interface Checked<T> {
  readonly content: T
  readonly yaml: YamlText
}

function readChecked<T>(
  file: string,
  source: Pick<ConfigSource, 'readFile'>,
  schema: z.ZodType<T>,
): Checked<T> {
  let text: string | undefined
  try {
    text = source.readFile(file)
  } catch (error) {
    const reason = `cannot be read: ${error instanceof Error ? error.message : 'unknown'}`
    throw configInvalid([{ source: file, path: [], reason }])
  }
  if (text === undefined) throw configInvalid([{ source: file, path: [], reason: 'does not exist' }])
  const yaml = readYaml(text)
  refuse(yaml.faults.map((fault) => ({ source: file, ...fault })))
  const parsed = schema.safeParse(yaml.value, { reportInput: true })
  if (parsed.success) return { content: parsed.data, yaml }
  const faults = schemaFaults(parsed.error, schema)
  throw configInvalid(faults.map((fault) => ({ source: file, ...yaml.located(fault) })))
}

function refuse(faults: readonly ConfigFault[]): void {
  if (faults.length > 0) throw configInvalid(faults)
}

/** The overrides laid over the base, field by field; a new model must state all that a model needs. */
function merged(base: CatalogFile, overrides: Checked<CatalogOverrides>, file: string): CatalogFile {
  const models: Record<string, unknown> = { ...base.models }
  for (const [name, override] of Object.entries(overrides.content.models)) {
    models[name] = { ...base.models[name], ...override }
  }
  const aliases = { ...base.aliases, ...overrides.content.aliases }
  // A model may take the name that was an alias before.
  for (const name of Object.keys(overrides.content.models)) delete aliases[name]
  const service_tiers = { ...base.service_tiers, ...overrides.content.service_tiers }
  const joined = { service_tiers, models, aliases }
  const whole = catalogSchema.safeParse(joined, { reportInput: true })
  const faults = whole.success ? brokenCatalogRules(whole.data) : schemaFaults(whole.error, catalogSchema)
  refuse(faults.map((fault) => ({ source: file, ...overrides.yaml.located(fault) })))
  return catalogSchema.parse(joined)
}

function toCatalog(content: CatalogFile): Catalog {
  return {
    models: Object.entries(content.models).map(([name, model]) =>
      toCard(name, model, content.service_tiers[model.provider]),
    ),
    aliases: new Map(Object.entries(content.aliases)),
  }
}

type ServiceFactors = CatalogFile['service_tiers'][string] | undefined

function toCard(name: string, model: CatalogModel, services: ServiceFactors): ModelCard {
  const prices = [...model.prices].sort((one, other) => (one.valid_from < other.valid_from ? -1 : 1))
  return {
    name,
    provider: model.provider,
    providerModel: model.provider_model ?? name,
    title: model.title,
    abilities: new Set(model.abilities),
    contextTokens: model.context_tokens,
    maxOutputTokens: model.max_output_tokens,
    embedding: model.embedding && {
      dimensions: model.embedding.dimensions,
      dimensionsLeast: model.embedding.dimensions_least,
      dimensionsMost: model.embedding.dimensions_most,
      dimensionsChoices: model.embedding.dimensions_choices,
    },
    quality: model.quality,
    releasedOn: model.released_on,
    retiresOn: model.retires_on,
    prices: prices.map((version) => toPriceVersion(name, version, services)),
    quirks: new Set(model.quirks),
  }
}

function toPriceVersion(name: string, version: CatalogPrice, services: ServiceFactors): PriceVersion {
  const price = { base: toPriceList(version), tiers: toTiers(version.tiers) }
  return {
    id: `${name}@${version.valid_from}`,
    validFromMs: Date.parse(`${version.valid_from}T00:00:00Z`),
    validToMs: version.valid_to === undefined ? undefined : Date.parse(`${version.valid_to}T00:00:00Z`),
    source: version.source,
    ...price,
    services: toServices(price, version.service_tiers, services),
  }
}
