/** Stated prices turned into what is charged by: whole nano-dollars, service tiers filled in. */
import type { StatedPrices, StatedServices, StatedTiers } from '#config/schema/price-forms.ts'
import type { PriceList, PriceTier } from '#core/domain/model-card.ts'
import { usdToNano } from '#core/domain/money.ts'
import { scaledPrice } from '#core/domain/service-tier.ts'
import type { ServicePrice } from '#core/domain/service-tier.ts'

/** A factor in millionths, rounded up: "0.5" is 500,000. */
export function toMillionths(factor: string | number): number {
  return Math.ceil(usdToNano(factor) / 1_000)
}

export function toPriceList(stated: StatedPrices): PriceList {
  const nano = (price: string | number | undefined) => (price === undefined ? undefined : usdToNano(price))
  const toolUses = Object.entries(stated.per_tool_use ?? {}).map(([tool, fee]) => [tool, usdToNano(fee)])
  return {
    input: usdToNano(stated.input),
    output: usdToNano(stated.output),
    cachedInput: nano(stated.cached_input),
    cacheWrite: nano(stated.cache_write),
    cacheWriteHour: nano(stated.cache_write_hour),
    reasoning: nano(stated.reasoning),
    inputImage: nano(stated.input_image),
    inputAudio: nano(stated.input_audio),
    outputImage: nano(stated.output_image),
    outputAudio: nano(stated.output_audio),
    perRequestNanoUsd: nano(stated.per_request),
    perSearchUnitNanoUsd: nano(stated.per_search_unit),
    perToolUseNanoUsd:
      toolUses.length === 0 ? undefined : (Object.fromEntries(toolUses) as Record<string, number>),
  }
}

export function toTiers(tiers: StatedTiers): readonly PriceTier[] {
  return tiers.map((tier) => ({ aboveInputTokens: tier.above_input_tokens, list: toPriceList(tier) }))
}

/** The service tiers of one price: its own first, then the factors that its provider has for all its models. */
export function toServices(
  price: ServicePrice,
  own: StatedServices,
  ofProvider: Readonly<Partial<Record<string, string | number>>> = {},
): ReadonlyMap<string, ServicePrice> | undefined {
  const services = new Map<string, ServicePrice>()
  for (const [word, factor] of Object.entries(ofProvider)) {
    if (factor !== undefined) services.set(word, scaledPrice(price, toMillionths(factor)))
  }
  for (const [word, stated] of Object.entries(own)) {
    const { input, output, factor, tiers } = stated
    if (factor !== undefined) services.set(word, scaledPrice(price, toMillionths(factor)))
    else if (input !== undefined && output !== undefined) {
      const list = toPriceList({ ...stated, input, output })
      services.set(word, { base: withFees(list, price.base), tiers: toTiers(tiers) })
    }
  }
  return services.size === 0 ? undefined : services
}

/** Fees by the piece are those of the list price, unless the tier states its own. */
function withFees(list: PriceList, usual: PriceList): PriceList {
  return {
    ...list,
    perRequestNanoUsd: list.perRequestNanoUsd ?? usual.perRequestNanoUsd,
    perSearchUnitNanoUsd: list.perSearchUnitNanoUsd ?? usual.perSearchUnitNanoUsd,
    perToolUseNanoUsd: list.perToolUseNanoUsd ?? usual.perToolUseNanoUsd,
  }
}
