/** What single fields of the operator's prices and margins cannot say. */
import { serviceFaults } from '#config/catalog-rules.ts'
import type { ConfigPath } from '#config/fault.ts'
import type { AdminConfig } from '#config/schema.ts'

type Report = (path: ConfigPath, reason: string) => void

export function checkPrices({ pricing }: AdminConfig, report: Report): void {
  for (const [index, price] of pricing.overrides.entries()) {
    const path = ['pricing', 'overrides', index]
    const { factor, input, output, model, provider, tiers } = price
    const isWhole = input !== undefined && output !== undefined
    if (factor === undefined && !isWhole) report(path, 'must state either factor, or input and output')
    if (factor !== undefined && (input !== undefined || output !== undefined))
      report([...path, 'factor'], 'stands in place of prices, and cannot stand beside them')
    if (factor === undefined && model === undefined) report(path, 'must name the model that has this price')
    if (factor !== undefined && model === undefined && provider === undefined)
      report(path, 'must name a provider, a model or both')
    const isAscending = tiers.every(
      (tier, place) => tier.above_input_tokens > (tiers[place - 1]?.above_input_tokens ?? 0),
    )
    if (!isAscending) report([...path, 'tiers'], 'must ascend by above_input_tokens')
    for (const fault of serviceFaults(price.service_tiers, [...path, 'service_tiers']))
      report(fault.path, fault.reason)
    checkPeriod(price, path, report)
  }
  for (const [index, margin] of pricing.margins.entries())
    checkPeriod(margin, ['pricing', 'margins', index], report)
}

function checkPeriod(
  { valid_from: from, valid_to: to }: { valid_from?: string | undefined; valid_to?: string | undefined },
  path: ConfigPath,
  report: Report,
): void {
  if (from === undefined || to === undefined || Date.parse(from) < Date.parse(to)) return
  report([...path, 'valid_to'], 'must be after valid_from')
}
