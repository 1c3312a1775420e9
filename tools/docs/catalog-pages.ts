/** The pages of providers and models. */
import { abilityMeanings, quirkMeanings } from '#config/catalog-schema.ts'
import { loadCatalog } from '#config/catalog.ts'
import { readTextFile } from '#config/system-source.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import { formatUsd, toNanoUsd } from '#core/domain/money.ts'
import { builtInProviders } from '#services/llm-adapters/cousins.ts'
import { code, page, table } from './markdown.ts'

export function providersPage(): string {
  return page(
    'Providers',
    'Providers that Signalbox knows from the start. One whose key is present is live at once; address, key name and models can be changed under `providers` in the settings, and any other server that speaks one of these dialects can be added there with its `base_url` and `dialect`.',
    table(
      ['Name', 'Provider', 'Dialect', 'Address', 'Key', 'Departures from its dialect'],
      builtInProviders.map((row) => [
        code(row.name),
        row.title,
        row.dialect,
        row.baseUrl === '' ? 'your own resource' : row.baseUrl,
        row.auth === 'none' ? 'none' : row.keyNames.map(code).join(', '),
        [...row.quirks].map(code).join(', '),
      ]),
    ),
  )
}

export function modelsPage(): string {
  const catalog = loadCatalog({ file: undefined, overridesFile: undefined }, { readFile: readTextFile })
  const providers = [...new Set(catalog.models.map((card) => card.provider))]
  return page(
    'Models',
    'What `config/model_catalog.yaml` knows. Prices are US dollars for a million tokens, or for each search of a model that ranks, of the newest version that stands in the catalogue, for short requests; older and later versions, long-context tiers and sources stand in the file. A dash is an unknown price.',
    ...providers.flatMap((provider) => [
      `## ${provider}`,
      modelTable(catalog.models.filter((card) => card.provider === provider)),
    ]),
    '## Other names',
    'Retired models, dated names and names for the newest of a family lead to a current model. `routing.aliases` in the settings wins over these.',
    table(
      ['Name', 'Model'],
      [...catalog.aliases].map(([name, model]) => [code(name), code(model)]),
    ),
    '## Abilities',
    table(
      ['Ability', 'The model'],
      Object.entries(abilityMeanings).map(([name, meaning]) => [code(name), meaning]),
    ),
    '## Quirks',
    table(
      ['Quirk', 'The model'],
      Object.entries(quirkMeanings).map(([name, meaning]) => [code(name), meaning]),
    ),
  )
}

function modelTable(cards: readonly ModelCard[]): string {
  return table(
    [
      'Model',
      'Window',
      'Longest answer',
      'Input',
      'Output',
      'Cached input',
      'Retires',
      'Abilities beside text',
    ],
    cards.map((card) => {
      const price = card.prices.at(-1)
      return [
        code(card.name),
        String(card.contextTokens),
        String(card.maxOutputTokens),
        searchPrice(price) ?? dollars(price, 'input'),
        dollars(price, 'output'),
        dollars(price, 'cachedInput'),
        card.retiresOn ?? '',
        [...abilitiesBesideText(card), ...vectorLengths(card)].join(', '),
      ]
    }),
  )
}

const isUsual: ReadonlySet<string> = new Set(['text', 'streaming', 'system_prompt'])

const abilitiesBesideText = (card: ModelCard) =>
  [...card.abilities].filter((ability) => !isUsual.has(ability))

function vectorLengths({ embedding }: ModelCard): readonly string[] {
  if (!embedding) return []
  const { dimensions, dimensionsLeast, dimensionsMost = dimensions, dimensionsChoices } = embedding
  if (dimensionsChoices) return [`vectors of ${dimensionsChoices.join(', ')} numbers`]
  if (dimensionsLeast === undefined) return [`vectors of ${dimensions} numbers`]
  return [`vectors of ${dimensions} numbers, or ${dimensionsLeast} to ${dimensionsMost}`]
}

function searchPrice(price: PriceVersion | undefined): string | undefined {
  const amount = price?.base.perSearchUnitNanoUsd
  return amount === undefined ? undefined : `${formatUsd(toNanoUsd(amount))} a search`
}

function dollars(price: PriceVersion | undefined, field: 'input' | 'output' | 'cachedInput'): string {
  const amount = price?.base[field]
  return amount === undefined ? '-' : formatUsd(toNanoUsd(amount))
}
