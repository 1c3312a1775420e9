/** What a model can do and what it costs: one card per model of the catalogue. */
import { addMoney, costOf, toNanoUsd, unitsFor, zeroUsd } from '#core/domain/money.ts'
import { chargeFor, costWithin } from '#core/domain/margin.ts'
import type { Margin } from '#core/domain/margin.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { servicePriceOf } from '#core/domain/service-tier.ts'
import type { ServicePrice } from '#core/domain/service-tier.ts'
import type { Usage } from '#core/domain/usage.ts'

/** Everything that a request may need and a model may lack. */
export type Ability =
  | 'text'
  | 'streaming'
  | 'image_input'
  | 'pdf_input'
  | 'audio_input'
  | 'video_input'
  | 'image_output'
  | 'audio_output'
  | 'tools'
  | 'tool_choice'
  | 'parallel_tools'
  | 'json_object'
  | 'json_schema'
  | 'reasoning'
  | 'temperature'
  | 'system_prompt'
  | 'logprobs'
  | 'multiple_answers'
  | 'stop_sequences'
  | 'prompt_caching'
  | 'embeddings'
  | 'rerank'
  | 'moderation'

export interface ModelCard {
  /** The catalogue's name: what callers write. Unique. */
  readonly name: string
  /** The provider row that serves it (`openai`, `anthropic`, ...). */
  readonly provider: string
  /** The name that the provider knows. */
  readonly providerModel: string
  readonly title?: string | undefined
  readonly abilities: ReadonlySet<Ability>
  readonly contextTokens: number
  readonly maxOutputTokens: number
  /** How good the answers are, from 0 to 1, for choosing among models; undefined when nobody measured. */
  readonly quality?: number | undefined
  readonly releasedOn?: string | undefined
  readonly retiresOn?: string | undefined
  /** The catalogue's oldest first, then the operator's own; the last one that is valid counts. Empty: unknown. */
  readonly prices: readonly PriceVersion[]
  /** What its vectors are like, for a model that makes some. */
  readonly embedding?: EmbeddingFacts | undefined
  /** Special needs of this model that its adapter reads, as data: `max_completion_tokens`, `responses_for_tools`, ... */
  readonly quirks: ReadonlySet<string>
}

export interface EmbeddingFacts {
  /** How many numbers a vector has when nobody asks for another count. */
  readonly dimensions: number
  /** The fewest that can be asked for; undefined where no count may be asked for at all. */
  readonly dimensionsLeast?: number | undefined
  /** The most, where that is more than the usual count. */
  readonly dimensionsMost?: number | undefined
  /** The only counts that can be asked for, where not every one can. */
  readonly dimensionsChoices?: readonly number[] | undefined
}

/** Prices are nano-dollars per million units, whole numbers. */
export interface PriceVersion {
  /** Names this version in usage rows, so that an old bill can be computed again. */
  readonly id: string
  readonly validFromMs: number
  /** The moment from which it holds no longer; undefined is until another one follows. */
  readonly validToMs?: number | undefined
  readonly source?: string | undefined
  readonly base: PriceList
  /** Long-context tiers, ascending: the whole request moves to the last tier whose threshold its input passes. */
  readonly tiers: readonly PriceTier[]
  /** The service tiers that have a price of their own, by the words of service-tier.ts. */
  readonly services?: ReadonlyMap<string, ServicePrice> | undefined
  /** What a dear service tier of unknown price is taken to cost, in millionths of the list price. */
  readonly unknownServiceMillionths?: number | undefined
  /** Service tiers that this request may be answered in, beside the list price: what is held covers each of them. */
  readonly heldServices?: readonly ServicePrice[] | undefined
  /** What the tenant pays beyond the cost. */
  readonly margin?: Margin | undefined
}

export interface PriceTier {
  readonly aboveInputTokens: number
  readonly list: PriceList
}

export interface PriceList {
  readonly input: number
  readonly output: number
  /** The following default to the base price of their direction when undefined. */
  readonly cachedInput?: number | undefined
  readonly cacheWrite?: number | undefined
  readonly cacheWriteHour?: number | undefined
  readonly reasoning?: number | undefined
  readonly inputImage?: number | undefined
  readonly inputAudio?: number | undefined
  readonly outputImage?: number | undefined
  readonly outputAudio?: number | undefined
  /** Nano-dollars for each request, beside its tokens. */
  readonly perRequestNanoUsd?: number | undefined
  /** Nano-dollars for each search unit of a ranking: what Cohere bills in place of tokens. */
  readonly perSearchUnitNanoUsd?: number | undefined
  /** Nano-dollars for each use of a tool that the provider runs, by tool name; `*` for any other. */
  readonly perToolUseNanoUsd?: Readonly<Record<string, number>> | undefined
}

/** What costs nothing, whoever answers: nothing is held for it. */
export const freePrice: PriceVersion = {
  id: 'free',
  validFromMs: 0,
  source: 'free of charge',
  base: { input: 0, output: 0 },
  tiers: [],
}

/** Valid from the first moment, no longer valid at the last. */
export function isValidAt(
  { validFromMs, validToMs }: Pick<PriceVersion, 'validFromMs' | 'validToMs'>,
  momentMs: number,
): boolean {
  return validFromMs <= momentMs && (validToMs === undefined || momentMs < validToMs)
}

/** The price version that holds at a moment, or undefined when the price is unknown. */
export function priceAt(card: ModelCard, nowMs: number): PriceVersion | undefined {
  let current: PriceVersion | undefined
  for (const version of card.prices) if (isValidAt(version, nowMs)) current = version
  return current
}

/** The list that a request of this many input tokens is charged by. */
export function priceListFor(version: ServicePrice, inputTokens: number): PriceList {
  let list = version.base
  for (const tier of version.tiers) if (inputTokens > tier.aboveInputTokens) list = tier.list
  return list
}

/**
 * What the provider charges for an answer: each kind of token at its own price in the service tier that answered,
 * each product rounded up to the nano-dollar. What the tenant is charged for it: `chargeFor(version.margin, cost)`.
 * A count that the provider left out counts as 0 here; callers decide beforehand what to do about unknown totals.
 */
export function costOfUsage(version: PriceVersion, usage: Usage): NanoUsd {
  const inputTokens = usage.billed?.inputTokens ?? usage.inputTokens ?? 0
  const outputTokens = usage.billed?.outputTokens ?? usage.outputTokens ?? 0
  const list = priceListFor(servicePriceOf(version, usage.serviceTier), usage.inputTokens ?? inputTokens)
  let cost = addMoney(inputCost(list, usage, inputTokens), outputCost(list, usage, outputTokens))
  if (list.perRequestNanoUsd) cost = addMoney(cost, toNanoUsd(list.perRequestNanoUsd))
  if (usage.searchUnits)
    cost = addMoney(cost, toNanoUsd((list.perSearchUnitNanoUsd ?? 0) * usage.searchUnits))
  if (usage.serverToolUses) {
    for (const [tool, uses] of Object.entries(usage.serverToolUses)) {
      const fee = list.perToolUseNanoUsd?.[tool] ?? list.perToolUseNanoUsd?.['*'] ?? 0
      cost = addMoney(cost, toNanoUsd(fee * uses))
    }
  }
  return cost
}

function inputCost(list: PriceList, usage: Usage, inputTokens: number): NanoUsd {
  // What a provider bills is a total of its own: the counted parts are no parts of it.
  if (usage.billed) return costOf(inputTokens, list.input)
  const hourWrites = usage.cacheWriteHourTokens ?? 0
  return costOfParts(inputTokens, list.input, [
    [usage.cachedInputTokens, list.cachedInput],
    [hourWrites, list.cacheWriteHour ?? list.cacheWrite],
    [Math.max(0, (usage.cacheWriteTokens ?? 0) - hourWrites), list.cacheWrite],
    [usage.inputImageTokens, list.inputImage],
    [usage.inputAudioTokens, list.inputAudio],
  ])
}

function outputCost(list: PriceList, usage: Usage, outputTokens: number): NanoUsd {
  if (usage.billed) return costOf(outputTokens, list.output)
  return costOfParts(outputTokens, list.output, [
    [usage.reasoningTokens, list.reasoning],
    [usage.outputImageTokens, list.outputImage],
    [usage.outputAudioTokens, list.outputAudio],
  ])
}

/**
 * A total of tokens, the parts that have a price of their own at that price and the rest at the plain one.
 * Parts never exceed their total, whatever a provider reports.
 */
function costOfParts(
  total: number,
  plainPrice: number,
  parts: ReadonlyArray<readonly [count: number | null, price: number | undefined]>,
): NanoUsd {
  let plain = total
  let cost: NanoUsd = zeroUsd
  for (const [count, price] of parts) {
    if (!count || price === undefined) continue
    const counted = Math.min(count, plain)
    plain -= counted
    cost = addMoney(cost, costOf(counted, price))
  }
  return addMoney(cost, costOf(plain, plainPrice))
}

/** Each of the nine kinds of token rounds up by itself, by less than a nano-dollar each. */
const roundingNanoUsd = 9

/** The most that a request can be charged: every token at its dearest kind, tier and service, with the margin. */
export function highestCost(
  version: PriceVersion,
  inputTokensBound: number,
  outputTokensCap: number,
  searchUnitsBound = 0,
): NanoUsd {
  let highest: NanoUsd = zeroUsd
  for (const list of listsOf(version)) {
    const cost = addMoney(
      costOf(inputTokensBound, dearestInput(list)),
      costOf(outputTokensCap, dearestOutput(list)),
    )
    const units = (list.perRequestNanoUsd ?? 0) + (list.perSearchUnitNanoUsd ?? 0) * searchUnitsBound
    if (cost + units === 0) continue
    const whole = addMoney(cost, toNanoUsd(units + roundingNanoUsd))
    if (whole > highest) highest = whole
  }
  return chargeFor(version.margin, highest)
}

/** How many output tokens an amount surely pays for, after the margin and the input are paid. */
export function outputTokensAffordable(
  version: PriceVersion,
  amount: NanoUsd,
  inputTokensBound: number,
): number {
  let fewest = Number.POSITIVE_INFINITY
  const cost = costWithin(version.margin, amount)
  for (const list of listsOf(version)) {
    const outputPrice = dearestOutput(list)
    const input = addMoney(
      costOf(inputTokensBound, dearestInput(list)),
      toNanoUsd(list.perRequestNanoUsd ?? 0),
    )
    if (input + outputPrice === 0) continue
    const rest = cost - input - roundingNanoUsd
    // Output that is free does not pay for input that is not.
    fewest = Math.min(fewest, rest < 0 ? 0 : unitsFor(toNanoUsd(rest), outputPrice))
  }
  return fewest
}

function listsOf(version: PriceVersion): readonly PriceList[] {
  if (version.tiers.length === 0 && version.heldServices === undefined) return [version.base]
  return [version, ...(version.heldServices ?? [])].flatMap(({ base, tiers }) => [
    base,
    ...tiers.map((tier) => tier.list),
  ])
}

const dearestInput = (list: PriceList) =>
  Math.max(
    list.input,
    list.cachedInput ?? 0,
    list.cacheWrite ?? 0,
    list.cacheWriteHour ?? 0,
    list.inputImage ?? 0,
    list.inputAudio ?? 0,
  )
const dearestOutput = (list: PriceList) =>
  Math.max(list.output, list.reasoning ?? 0, list.outputImage ?? 0, list.outputAudio ?? 0)
