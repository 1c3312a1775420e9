/** Service tiers: the words that providers use for how fast and how surely they answer, and what each does to a price. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import { asString, entryOf } from '#core/domain/json.ts'
import type { PriceList, PriceTier, PriceVersion } from '#core/domain/model-card.ts'
import { addMillionths } from '#core/domain/money.ts'

/** What a model costs in one service tier; it has long-context tiers of its own. */
export interface ServicePrice {
  readonly base: PriceList
  readonly tiers: readonly PriceTier[]
}

/** One word for each tier that has a price of its own. Left out: whatever is billed at the list price or below it. */
const priceWords: Readonly<Record<string, string>> = {
  flex: 'flex',
  on_demand_flex: 'flex',
  batch: 'batch',
  priority: 'priority',
  on_demand_priority: 'priority',
  fast: 'fast',
  ultrafast: 'ultrafast',
  performance: 'performance',
}

/** Tiers that cost more than the list price wherever they are sold. */
const dearWords: ReadonlySet<string> = new Set(['priority', 'fast', 'ultrafast', 'performance'])

const fastWord = 'fast'

/** Words by which a request leaves the choice to the provider's account. */
const anyWord = 'auto'

/** The word that prices go by, or undefined for what is billed at the list price. */
export function priceWordOf(serviceTier: string | undefined): string | undefined {
  return serviceTier === undefined ? undefined : entryOf(priceWords, serviceTier.toLowerCase())
}

/**
 * The tier that a request asks for in its own dialect, in the provider's word; undefined when it says nothing. Anthropic's
 * fast mode is a member of its own (`speed`) beside the tier.
 */
export function askedServiceTier({ native }: Pick<ChatQuestion, 'native'>): string | undefined {
  if (!native) return undefined
  const { body } = native
  if (body['speed'] === fastWord) return fastWord
  return asString(body['service_tier']) ?? asString(body['serviceTier'])
}

/**
 * The price of the tier that answered. A dear tier of which nobody knows the price costs the operator's factor more
 * than the list; any other unknown one costs the list, for it is sold for less or for a fee of its own.
 */
export function servicePriceOf(version: PriceVersion, serviceTier: string | undefined): ServicePrice {
  const word = priceWordOf(serviceTier)
  if (word === undefined) return version
  const known = version.services?.get(word)
  if (known) return known
  return dearWords.has(word) ? scaledPrice(version, version.unknownServiceMillionths ?? doubled) : version
}

/** Whether the price of this tier is not known, so that what is charged is an estimate. */
export function isServicePriceUnknown(version: PriceVersion, serviceTier: string | undefined): boolean {
  const word = priceWordOf(serviceTier)
  return word !== undefined && dearWords.has(word) && version.services?.has(word) !== true
}

/** The same prices, to be held at the dearest that this request may be answered in. */
export function askedOf(version: PriceVersion, serviceTier: string | undefined): PriceVersion {
  if (serviceTier === undefined) return version
  const isAny = serviceTier.toLowerCase() === anyWord
  const held = isAny ? [...(version.services?.values() ?? [])] : [servicePriceOf(version, serviceTier)]
  const dearer = held.filter((price) => price !== version)
  return dearer.length === 0 ? version : { ...version, heldServices: dearer }
}

const doubled = 2_000_000

/** Every price of tokens times a factor in millionths, each rounded up; fees by the piece stay as they are. */
export function scaledPrice({ base, tiers }: ServicePrice, millionths: number): ServicePrice {
  return {
    base: scaledList(base, millionths),
    tiers: tiers.map((tier) => ({ ...tier, list: scaledList(tier.list, millionths) })),
  }
}

const tokenPrices = [
  'input',
  'output',
  'cachedInput',
  'cacheWrite',
  'cacheWriteHour',
  'reasoning',
  'inputImage',
  'inputAudio',
  'outputImage',
  'outputAudio',
] as const satisfies ReadonlyArray<keyof PriceList>

function scaledList(list: PriceList, millionths: number): PriceList {
  const scaled: { -readonly [Name in keyof PriceList]: PriceList[Name] } = { ...list }
  for (const name of tokenPrices) {
    const price = list[name]
    if (price !== undefined) scaled[name] = addMillionths(price, millionths - 1_000_000)
  }
  return scaled
}
