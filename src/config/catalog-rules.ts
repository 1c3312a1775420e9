/** What single fields of the catalogue cannot say: names that must exist, dates and limits that must fit. */
import type { CatalogFile, CatalogModel } from '#config/catalog-schema.ts'
import type { ConfigFault, ConfigPath } from '#config/fault.ts'
import type { StatedServices } from '#config/schema/price-forms.ts'
import { nearestNames } from '#core/domain/nearest-names.ts'

/** Every rule of the whole catalogue that is broken. */
export function brokenCatalogRules(catalog: CatalogFile): ConfigFault[] {
  const names = Object.keys(catalog.models)
  const known = new Set(names)
  const faults: ConfigFault[] = []
  const served = new Map<string, string>()
  for (const [name, model] of Object.entries(catalog.models)) {
    const path = ['models', name]
    faults.push(...modelFaults(model, path))
    const target = `${model.provider}/${model.provider_model ?? name}`
    const other = served.get(target)
    if (other !== undefined)
      faults.push({ path, reason: `is the same model of the same provider as ${other}` })
    served.set(target, name)
  }
  for (const [alias, name] of Object.entries(catalog.aliases)) {
    const path = ['aliases', alias]
    // A model that will be retired may share its name with the alias that then takes its place.
    if (known.has(alias) && catalog.models[alias]?.retires_on === undefined) {
      faults.push({ path, reason: 'is the name of a model too, one that is not retired', isAboutKey: true })
    }
    if (known.has(name)) continue
    faults.push({
      path,
      reason: `names ${name}, which is no model of the catalogue`,
      nearest: nearestNames(name, names, 1)[0],
    })
  }
  return faults
}

function modelFaults(model: CatalogModel, path: ConfigPath): ConfigFault[] {
  const faults: ConfigFault[] = []
  if (model.max_output_tokens > model.context_tokens) {
    faults.push({ path: [...path, 'max_output_tokens'], reason: 'must not be above context_tokens' })
  }
  if (model.max_output_tokens === 0 && model.abilities.includes('text')) {
    faults.push({
      path: [...path, 'max_output_tokens'],
      reason: 'must be above 0 for a model that answers in text',
    })
  }
  if (model.embedding !== undefined && !model.abilities.includes('embeddings')) {
    faults.push({ path: [...path, 'embedding'], reason: 'is for a model with the ability embeddings' })
  }
  if (
    model.released_on !== undefined &&
    model.retires_on !== undefined &&
    model.retires_on < model.released_on
  ) {
    faults.push({ path: [...path, 'retires_on'], reason: 'must not be before released_on' })
  }
  const days = new Set<string>()
  for (const [index, version] of model.prices.entries()) {
    const at = [...path, 'prices', index]
    if (days.has(version.valid_from))
      faults.push({ path: at, reason: `has the same valid_from as one before it` })
    days.add(version.valid_from)
    if (version.valid_to !== undefined && version.valid_to <= version.valid_from)
      faults.push({ path: [...at, 'valid_to'], reason: 'must be after valid_from' })
    faults.push(...serviceFaults(version.service_tiers, [...at, 'service_tiers']))
    const thresholds = version.tiers.map((tier) => tier.above_input_tokens)
    const isAscending = thresholds.every((threshold, tier) => threshold > (thresholds[tier - 1] ?? 0))
    if (!isAscending) faults.push({ path: [...at, 'tiers'], reason: 'must ascend by above_input_tokens' })
  }
  return faults
}

/** A service tier states a factor, or prices of its own. */
export function serviceFaults(services: StatedServices, path: ConfigPath): ConfigFault[] {
  return Object.entries(services).flatMap(([word, { factor, input, output }]) => {
    const isWhole = input !== undefined && output !== undefined
    const isRight = factor === undefined ? isWhole : input === undefined && output === undefined
    return isRight ? [] : [{ path: [...path, word], reason: 'must state either factor, or input and output' }]
  })
}
