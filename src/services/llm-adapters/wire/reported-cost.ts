/** What a provider itself says an answer cost, where its usage object says so. */
import { asNumber, asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { usdToNano } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'

/** xAI counts money in ten-billionths of a dollar. */
const ticksPerNanoUsd = 10

/**
 * OpenRouter writes `cost` in dollars, Perplexity an object with `total_cost`, xAI `cost_in_usd_ticks`. Undefined
 * when none is there or the number makes no sense as money.
 */
export function reportedCost(usage: JsonObject): NanoUsd | undefined {
  const ticks = asNumber(usage['cost_in_usd_ticks'])
  if (ticks !== undefined && ticks >= 0 && Number.isSafeInteger(ticks)) {
    return Math.ceil(ticks / ticksPerNanoUsd) as NanoUsd
  }
  const cost = usage['cost']
  const usd = asNumber(cost) ?? asNumber(asObject(cost)?.['total_cost'])
  if (usd === undefined || usd < 0 || usd > 1_000_000) return undefined
  return usdToNano(usd)
}
