/** The forms of prices: in the catalogue of models and in the operator's own prices. */
import { z } from 'zod'
import { count, line } from '#config/schema/value-forms.ts'
import { usdToNano } from '#core/domain/money.ts'

const price = z.union([z.string().max(32), z.number()]).refine(isPrice, {
  error: 'must be a price in US dollars like "2.50"',
})

function isPrice(value: string | number): boolean {
  try {
    return usdToNano(value) >= 0
  } catch {
    return false
  }
}

export const day = z.iso.date({ error: 'must be a date like 2026-11-23' })

/** How much of a currency a US dollar is worth. */
export const rate = z.union([z.string().max(32), z.number()]).refine(isRate, {
  error: 'must be a rate above 0 and up to 1000000 like "0.92"',
})

function isRate(value: string | number): boolean {
  return isPrice(value) && usdToNano(value) > 0 && usdToNano(value) <= 1_000_000_000_000_000
}

/** Times what a price is: at most nine decimals count. */
export const factor = z.union([z.string().max(32), z.number()]).refine(isFactor, {
  error: 'must be a factor from 0 to 100 like "0.5"',
})

function isFactor(value: string | number): boolean {
  return isPrice(value) && usdToNano(value) <= 100_000_000_000
}

/** Fees by the piece, in US dollars each. */
const fees = {
  per_request: price.optional(),
  per_search_unit: price.optional(),
  per_tool_use: z.record(line, price).optional(),
}

const kinds = {
  cached_input: price.optional(),
  cache_write: price.optional(),
  cache_write_hour: price.optional(),
  reasoning: price.optional(),
  input_image: price.optional(),
  input_audio: price.optional(),
  output_image: price.optional(),
  output_audio: price.optional(),
  ...fees,
}

/** All in US dollars for a million tokens, but for `per_request`, `per_search_unit` and `per_tool_use`. */
export const priceList = { input: price, output: price, ...kinds }

const priceTier = z.strictObject({
  above_input_tokens: count(1, 1_000_000_000).describe(
    'A request with more input than this is charged whole by this tier.',
  ),
  ...priceList,
})

export const priceTiers = z.array(priceTier).max(16).default([])

/** The service tiers that are sold at a price of their own, in one word for all providers. */
export const serviceWords = ['flex', 'batch', 'priority', 'fast', 'ultrafast', 'performance'] as const

const servicePrice = z.strictObject({
  factor: factor.optional().describe('Times the prices of tokens; in place of prices.'),
  input: price.optional(),
  output: price.optional(),
  ...kinds,
  tiers: priceTiers,
})

export const serviceTiers = z
  .partialRecord(z.enum(serviceWords), servicePrice)
  .default({})
  .describe('Prices of service tiers, charged when the provider says that this tier answered.')

/** A list that states all that a list needs. */
export interface StatedPrices {
  readonly input: string | number
  readonly output: string | number
  readonly cached_input?: string | number | undefined
  readonly cache_write?: string | number | undefined
  readonly cache_write_hour?: string | number | undefined
  readonly reasoning?: string | number | undefined
  readonly input_image?: string | number | undefined
  readonly input_audio?: string | number | undefined
  readonly output_image?: string | number | undefined
  readonly output_audio?: string | number | undefined
  readonly per_request?: string | number | undefined
  readonly per_search_unit?: string | number | undefined
  readonly per_tool_use?: Readonly<Record<string, string | number>> | undefined
}

export type StatedServices = z.output<typeof serviceTiers>
export type StatedTiers = z.output<typeof priceTiers>
