/** The model list of models.dev (MIT): its api.json, for windows and output limits, and prices where no other has any. */
import { asArray, asCount, asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { dollarsOf } from './upstream.ts'
import type { PriceField, Prices, UpstreamList, UpstreamModel, UpstreamPrice } from './upstream.ts'

/** Our provider rows by the names that models.dev gives them. */
const providerNames: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  cohere: 'cohere',
  groq: 'groq',
  mistral: 'mistral',
  deepseek: 'deepseek',
  xai: 'xai',
  openrouter: 'openrouter',
  togetherai: 'together',
  'fireworks-ai': 'fireworks',
  azure: 'azure-openai',
}

const fieldNames: Readonly<Record<string, PriceField>> = {
  input: 'input',
  output: 'output',
  cache_read: 'cached_input',
  cache_write: 'cache_write',
  reasoning: 'reasoning',
  input_audio: 'input_audio',
  output_audio: 'output_audio',
}

export function readModelsDev(data: JsonValue, source: string): UpstreamList {
  const models = Object.entries(asObject(data) ?? {}).flatMap(([id, provider]) => {
    const name = providerNames[id]
    if (name === undefined) return []
    const listed = Object.entries(asObject(asObject(provider)?.['models']) ?? {})
    return listed.map(([model, row]) => readModel(name, model, asObject(row) ?? {}))
  })
  return { label: 'models.dev', source, models }
}

function readModel(provider: string, model: string, row: JsonObject): UpstreamModel {
  const limit = asObject(row['limit'])
  const price = toPrice(asObject(row['cost']))
  return {
    provider,
    model,
    matches: (name) => name === model,
    prices: price ? [price] : [],
    contextTokens: asCount(limit?.['context']) ?? undefined,
    maxOutputTokens: asCount(limit?.['output']) ?? undefined,
  }
}

function toPrice(cost: JsonObject | undefined): UpstreamPrice | undefined {
  const base = toPrices(cost)
  // Here 0 stands for "nobody entered it" as often as for "free".
  if (!base.input || !base.output) return undefined
  const tiers = new Map<number, Prices>()
  for (const tier of asArray(cost?.['tiers'])) {
    const size = asCount(asObject(asObject(tier)?.['tier'])?.['size'])
    if (size !== null) tiers.set(size, { ...base, ...toPrices(asObject(tier)) })
  }
  return { validFrom: undefined, base, tiers }
}

function toPrices(cost: JsonObject | undefined): Prices {
  const prices: Prices = {}
  for (const [name, value] of Object.entries(cost ?? {})) {
    const field = fieldNames[name]
    const price = field === undefined ? undefined : dollarsOf(value)
    if (field !== undefined && price !== undefined) prices[field] = price
  }
  return prices
}
