/** The bill of one attempt: what its usage costs, within what can be believed. */
import { chargeFor, costBehind } from '#core/domain/margin.ts'
import { costOfUsage, highestCost } from '#core/domain/model-card.ts'
import { isServicePriceUnknown } from '#core/domain/service-tier.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Bill } from '#core/gateway/usage-row.ts'
import type { Reservation } from '#services/budget-manager/budget-manager.ts'

/** A report of usage this many times above the hold is taken for nonsense, not for a bill. */
const absurdFactor = 4
/** No answer uses its provider's own tools more often than this. */
const toolUsesPlausible = 100

/** The price of the usage; a report far beyond what the hold could pay for is charged at the hold. */
export function billOf(reservation: Reservation, usage: Usage): Bill {
  const { price, amount } = reservation
  try {
    const providerCostNanoUsd = costOfUsage(price, usage)
    const costNanoUsd = chargeFor(price.margin, providerCostNanoUsd)
    if (costNanoUsd <= plausibleMost(reservation, usage)) {
      const isEstimated = isServicePriceUnknown(price, usage.serviceTier)
      return { costNanoUsd, providerCostNanoUsd, isClamped: false, isEstimated }
    }
  } catch {
    // A count so large that its price is no amount at all: charged at the hold, like any other absurd report.
  }
  const providerCostNanoUsd = costBehind(price.margin, amount)
  return { costNanoUsd: amount, providerCostNanoUsd, isClamped: true, isEstimated: true }
}

/** Tools that a provider runs read pages of their own and cost by the use: then what the model can do is the measure. */
function plausibleMost({ amount, price, target }: Reservation, { serverToolUses }: Usage): number {
  const most = amount * absurdFactor
  let fees = 0
  let uses = 0
  for (const [tool, count] of Object.entries(serverToolUses ?? {})) {
    uses += count
    fees += count * (price.base.perToolUseNanoUsd?.[tool] ?? price.base.perToolUseNanoUsd?.['*'] ?? 0)
  }
  if (uses <= 0 || uses > toolUsesPlausible) return most
  return Math.max(most, highestCost(price, target.card.contextTokens, target.card.maxOutputTokens) + fees)
}
