/** Stated prices and margins turned into the rules of the price book. */
import type { PricingConfig } from '#config/config.ts'
import type { AdminConfig } from '#config/schema.ts'
import { toMillionths, toPriceList, toServices, toTiers } from '#config/to-prices.ts'
import { usdToNano } from '#core/domain/money.ts'
import type { MarginRule, OwnPrice } from '#core/domain/price-book.ts'

/** Pure translation; everything was checked before. */
export function toPricing({ pricing }: AdminConfig): PricingConfig {
  const ceiling = pricing.ceiling_usd_per_million_tokens
  return {
    unknownModel: pricing.unknown_model,
    ceiling: { input: usdToNano(ceiling.input), output: usdToNano(ceiling.output) },
    unknownServiceMillionths: toMillionths(pricing.unknown_service_tier_factor),
    ownPrices: pricing.overrides.map(toOwnPrice),
    margins: pricing.margins.map(toMarginRule),
  }
}

type StatedPeriod = Readonly<Record<'valid_from' | 'valid_to', string | undefined>>

const periodOf = ({ valid_from: from, valid_to: to }: Partial<StatedPeriod>) => ({
  validFromMs: from === undefined ? 0 : Date.parse(from),
  validToMs: to === undefined ? undefined : Date.parse(to),
})

function toOwnPrice(stated: AdminConfig['pricing']['overrides'][number], index: number): OwnPrice {
  const { provider, model, factor, input, output } = stated
  const scope = { provider, model, ...periodOf(stated) }
  const id = `override-${index + 1}`
  if (input === undefined || output === undefined || model === undefined) {
    return { ...scope, kind: 'factor', id, millionths: toMillionths(factor ?? 1) }
  }
  const price = { base: toPriceList({ ...stated, input, output }), tiers: toTiers(stated.tiers) }
  const { validFromMs, validToMs } = scope
  const source = `pricing.overrides, entry ${index + 1}`
  const services = toServices(price, stated.service_tiers)
  const version = { id: `${model}@${id}`, validFromMs, validToMs, source, ...price, services }
  return { ...scope, kind: 'whole', model, version }
}

function toMarginRule(stated: AdminConfig['pricing']['margins'][number], index: number): MarginRule {
  const { tenant, provider, model, percent, per_request: perRequest } = stated
  return {
    tenantId: tenant,
    provider,
    model,
    ...periodOf(stated),
    margin: {
      id: `margin-${index + 1}`,
      // At most four decimals: whole millionths.
      millionths: Math.round(Number(percent) * 10_000),
      perRequestNanoUsd: usdToNano(perRequest),
    },
  }
}
