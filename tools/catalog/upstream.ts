/** What a public price list says, in one form whichever list it is. */
import { usdToNano } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'

/** The prices that public lists state, by the catalogue's field names; dollars for a million tokens in nano-dollars. */
export const priceFields = [
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
] as const

export type PriceField = (typeof priceFields)[number]
export type Prices = Partial<Record<PriceField, NanoUsd>>

export interface UpstreamPrice {
  /** Undefined: from some day that the list does not name. */
  readonly validFrom: string | undefined
  readonly base: Prices
  readonly tiers: ReadonlyMap<number, Prices>
}

export interface UpstreamModel {
  /** The provider's row name here. */
  readonly provider: string
  readonly model: string
  /** Whether this entry also speaks for another name of the provider. */
  matches(name: string): boolean
  /** Oldest first. */
  readonly prices: readonly UpstreamPrice[]
  readonly contextTokens?: number | undefined
  readonly maxOutputTokens?: number | undefined
}

export interface UpstreamList {
  /** Begins the `source` of every price that came from this list. */
  readonly label: string
  readonly source: string
  readonly models: readonly UpstreamModel[]
}

/** A price in dollars as exact nano-dollars; undefined for what is no price. */
export function dollarsOf(value: unknown): NanoUsd | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  try {
    return usdToNano(value)
  } catch {
    return undefined
  }
}
