/** Prices as `signalbox prices` prints them. */
import type { Options } from '#cli/command.ts'
import { formatOf, momentOption, printed } from '#cli/output.ts'
import type { PriceDesk } from '#composition/price-room.ts'
import type { ModelCard, PriceList, PriceVersion } from '#core/domain/model-card.ts'
import { formatUsd, toNanoUsd } from '#core/domain/money.ts'
import { nearestNames } from '#core/domain/nearest-names.ts'
import { Problem } from '#core/domain/problem.ts'

const usd = (price: number | undefined) => (price === undefined ? null : formatUsd(toNanoUsd(price)))
const isoOf = (momentMs: number | undefined) =>
  momentMs === undefined || momentMs === 0 ? null : new Date(momentMs).toISOString()

/** Every model with the price that holds now, or at `--at`. */
export function priceListText(desk: PriceDesk, options: Options): string {
  const atMs = options['at'] === undefined ? desk.nowMs() : momentOption(options, 'at')
  const cards = desk.catalog.models.filter(
    ({ provider }) => options['provider'] === undefined || provider === options['provider'],
  )
  const rows = cards.map((card) => {
    const price = desk.priceBook.priceFor(card, options['tenant'] ?? '', atMs)
    return [card.provider, card.name, price?.id ?? null, ...listCells(price?.base)]
  })
  const header = ['provider', 'model', 'price', ...listHeader]
  return printed(formatOf(options), { header, rows }, { at: isoOf(atMs), currency: 'USD' })
}

/** Every version, tier and service tier of one model. Throws `not_found`. */
export function priceText(desk: PriceDesk, name: string, options: Options): string {
  const { models, aliases } = desk.catalog
  const meant = models.some((model) => model.name === name) ? name : aliases.get(name)
  const card = models.find((model) => model.name === meant)
  if (!card) {
    const nearest = nearestNames(
      name,
      models.map((model) => model.name),
      3,
    )
    throw new Problem('not_found', {
      detail: `There is no model ${name} in the catalogue.`,
      mend: nearest.length > 0 ? `Did you mean ${nearest.join(', ')}?` : 'signalbox prices list shows them.',
    })
  }
  const header = [
    'price',
    'valid_from',
    'valid_to',
    'service_tier',
    'above_input_tokens',
    ...listHeader,
    'fees',
    'source',
  ]
  const table = { header, rows: card.prices.flatMap(versionRows) }
  const now = priceNow(desk, card, options)
  const format = formatOf(options)
  const text = printed(format, table, now)
  if (format !== 'text') return text
  const margin = now.margin === null ? '' : `, with ${now.margin}`
  const holds = now.price === null ? 'No price is known now.' : `Now: ${now.price}${margin}.`
  return [text, `${holds} US dollars for a million tokens.`].filter((part) => part !== '').join('\n\n')
}

function priceNow(desk: PriceDesk, card: ModelCard, options: Options) {
  const atMs = options['at'] === undefined ? desk.nowMs() : momentOption(options, 'at')
  const price = desk.priceBook.priceFor(card, options['tenant'] ?? '', atMs)
  const margin = price?.margin
  return {
    model: card.name,
    provider: card.provider,
    price: price?.id ?? null,
    margin: margin
      ? `${margin.millionths / 10_000} percent and $${formatUsd(margin.perRequestNanoUsd)} for each request`
      : null,
  }
}

function versionRows(version: PriceVersion) {
  const services = [['-', version] as const, ...(version.services ?? [])]
  return services.flatMap(([word, { base, tiers }]) =>
    [{ aboveInputTokens: null, list: base }, ...tiers].map(({ aboveInputTokens, list }) => [
      version.id,
      isoOf(version.validFromMs),
      isoOf(version.validToMs),
      word === '-' ? null : word,
      aboveInputTokens,
      ...listCells(list),
      feesOf(list),
      version.source ?? null,
    ]),
  )
}

const listHeader = [
  'input',
  'output',
  'cached_input',
  'cache_write',
  'cache_write_hour',
  'reasoning',
  'input_image',
  'input_audio',
  'output_image',
  'output_audio',
]

const listCells = (list: PriceList | undefined) =>
  [
    list?.input,
    list?.output,
    list?.cachedInput,
    list?.cacheWrite,
    list?.cacheWriteHour,
    list?.reasoning,
    list?.inputImage,
    list?.inputAudio,
    list?.outputImage,
    list?.outputAudio,
  ].map(usd)

function feesOf({ perRequestNanoUsd, perSearchUnitNanoUsd, perToolUseNanoUsd }: PriceList): string | null {
  const fees = [
    ['request', perRequestNanoUsd] as const,
    ['search_unit', perSearchUnitNanoUsd] as const,
    ...Object.entries(perToolUseNanoUsd ?? {}),
  ].flatMap(([name, fee]) => (fee ? [`${name}=${String(usd(fee))}`] : []))
  return fees.length === 0 ? null : fees.join(' ')
}
