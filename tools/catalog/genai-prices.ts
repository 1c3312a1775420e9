/** The price list of Pydantic's genai-prices (MIT), from the installed package or from its data file. */
import { asArray, asCount, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { dollarsOf } from './upstream.ts'
import type { PriceField, Prices, UpstreamList, UpstreamModel, UpstreamPrice } from './upstream.ts'

/** Our provider rows by the names that genai-prices gives them. */
const providerNames: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  cohere: 'cohere',
  groq: 'groq',
  mistral: 'mistral',
  deepseek: 'deepseek',
  'x-ai': 'xai',
  openrouter: 'openrouter',
  together: 'together',
  fireworks: 'fireworks',
}

const fieldNames: Readonly<Record<string, PriceField>> = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cached_input',
  cache_write_mtok: 'cache_write',
  cache_write_1h_mtok: 'cache_write_hour',
  output_reasoning_mtok: 'reasoning',
  input_image_mtok: 'input_image',
  input_audio_mtok: 'input_audio',
  output_image_mtok: 'output_image',
  output_audio_mtok: 'output_audio',
}

/** The list as data: an array of providers, or an object that holds one under `providers`. */
export function readGenaiPrices(data: JsonValue, source: string): UpstreamList {
  const providers = Array.isArray(data) ? asArray(data) : asArray(asObject(data)?.['providers'])
  const models = providers.flatMap((provider) => {
    const row = asObject(provider)
    const name = providerNames[asString(row?.['id']) ?? '']
    return name === undefined
      ? []
      : asArray(row?.['models']).flatMap((model) => readModel(name, asObject(model)))
  })
  return { label: 'genai-prices', source, models }
}

function readModel(provider: string, model: JsonObject | undefined): UpstreamModel[] {
  const id = asString(model?.['id'])
  if (model === undefined || id === undefined) return []
  const match = asObject(model['match'])
  const contextTokens = asCount(model['context_window']) ?? undefined
  return [
    {
      provider,
      model: id,
      matches: (name) => name === id || (match !== undefined && isMatch(match, name)),
      prices: readPrices(model['prices']),
      contextTokens,
    },
  ]
}

/** The list's own matching rules, as its schema names them. */
function isMatch(rule: JsonObject, name: string): boolean {
  const text = (key: string) => asString(rule[key])
  const [equals, start, end, part, pattern] = ['equals', 'starts_with', 'ends_with', 'contains', 'regex'].map(
    text,
  )
  const rules = (key: string) => asArray(rule[key]).map((inner) => asObject(inner) ?? {})
  if (equals !== undefined) return name === equals
  if (start !== undefined) return name.startsWith(start)
  if (end !== undefined) return name.endsWith(end)
  if (part !== undefined) return name.includes(part)
  if (pattern !== undefined) return new RegExp(pattern).test(name)
  if (rule['or'] !== undefined) return rules('or').some((inner) => isMatch(inner, name))
  if (rule['and'] !== undefined) return rules('and').every((inner) => isMatch(inner, name))
  return false
}

/**
 * Prices by date. Where the list tells hours of the day apart, the dearest of them all is taken for the newest
 * date, so that a hold always covers the bill.
 */
function readPrices(value: JsonValue | undefined): UpstreamPrice[] {
  if (!Array.isArray(value)) {
    const only = toPrice(asObject(value), undefined)
    return only ? [only] : []
  }
  const dated: UpstreamPrice[] = []
  const hourly: UpstreamPrice[] = []
  for (const entry of asArray(value as JsonValue)) {
    const constraint = asObject(asObject(entry)?.['constraint'])
    const price = toPrice(asObject(asObject(entry)?.['prices']), asString(constraint?.['start_date']))
    if (!price) continue
    if (constraint?.['start_time'] === undefined) dated.push(price)
    else hourly.push(price)
  }
  dated.sort((one, other) => ((one.validFrom ?? '') < (other.validFrom ?? '') ? -1 : 1))
  const newest = dated.pop()
  if (!newest) return []
  return [
    ...dated,
    hourly.reduce((dearest, price) => ({ ...dearest, base: dearer(dearest.base, price.base) }), newest),
  ]
}

function dearer(one: Prices, other: Prices): Prices {
  const result: Prices = { ...one }
  for (const [field, price] of Object.entries(other) as [PriceField, NonNullable<Prices[PriceField]>][]) {
    const before = result[field]
    if (before === undefined || price > before) result[field] = price
  }
  return result
}

/** Undefined when input or output has no price: nothing is known then, and nothing is taken for free. */
function toPrice(prices: JsonObject | undefined, validFrom: string | undefined): UpstreamPrice | undefined {
  const base: Prices = {}
  const tiers = new Map<number, Prices>()
  for (const [name, value] of Object.entries(prices ?? {})) {
    const field = fieldNames[name]
    if (field === undefined) continue
    const tiered = asObject(value)
    const price = dollarsOf(tiered ? tiered['base'] : value)
    if (price !== undefined) base[field] = price
    for (const tier of asArray(tiered?.['tiers'])) {
      const start = asCount(asObject(tier)?.['start'])
      const tierPrice = dollarsOf(asObject(tier)?.['price'])
      if (start === null || tierPrice === undefined) continue
      tiers.set(start, { ...tiers.get(start), [field]: tierPrice })
    }
  }
  if (base.input === undefined || base.output === undefined) return undefined
  for (const [start, tier] of tiers) tiers.set(start, { ...base, ...tier })
  return { validFrom, base, tiers }
}
