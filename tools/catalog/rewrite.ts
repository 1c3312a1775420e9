/** Differences written into the catalogue's text: old prices, comments and everything entered by hand stay. */
import { isMap, isSeq, parseDocument } from 'yaml'
import { formatUsd } from '#core/domain/money.ts'
import type { CatalogPrice } from '#config/catalog-schema.ts'
import type { Difference } from './differences.ts'
import { priceFields } from './upstream.ts'
import type { Prices } from './upstream.ts'

/** The new text. Only prices and limits are taken over; what is new, gone or kept needs a person. */
export function withDifferences(text: string, differences: readonly Difference[]): string {
  const document = parseDocument(text)
  for (const difference of differences) {
    if (difference.kind === 'limit') {
      document.setIn(['models', difference.name, difference.field], difference.after)
    }
    if (difference.kind !== 'price') continue
    const path = ['models', difference.name, 'prices']
    const prices: unknown = document.getIn(path, true)
    const version = document.createNode(newVersion(difference), { aliasDuplicateObjects: false })
    keepFeesOnOneLine(version)
    if (isSeq(prices) && !prices.flow) prices.add(version)
    else document.setIn(path, document.createNode([version]))
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

type PriceDifference = Extract<Difference, { kind: 'price' }>

/** Fees that no public list states are carried over from the version before. */
function newVersion({ before, price, validFrom, source }: PriceDifference): Record<string, unknown> {
  const tiers = [...price.tiers].sort(([one], [other]) => one - other)
  const ours = (threshold?: number) =>
    threshold === undefined ? before : before?.tiers.find((tier) => tier.above_input_tokens === threshold)
  return {
    valid_from: validFrom,
    source,
    ...amounts(price.base, ours()),
    ...(tiers.length === 0
      ? {}
      : {
          tiers: tiers.map(([threshold, list]) => ({
            above_input_tokens: threshold,
            ...amounts(list, ours(threshold) ?? before),
          })),
        }),
  }
}

type Fees = Pick<CatalogPrice, 'per_request' | 'per_tool_use'>

function amounts(prices: Prices, before: Fees | undefined): Record<string, unknown> {
  const stated = priceFields.flatMap((field) => {
    const price = prices[field]
    return price === undefined ? [] : [[field, formatUsd(price)] as const]
  })
  return {
    ...Object.fromEntries(stated),
    ...(before?.per_request === undefined ? {} : { per_request: String(before.per_request) }),
    ...(before?.per_tool_use === undefined ? {} : { per_tool_use: before.per_tool_use }),
  }
}

/** As the rest of the file is laid out. */
function keepFeesOnOneLine(version: unknown): void {
  if (!isMap(version)) return
  const fees: unknown = version.get('per_tool_use', true)
  if (isMap(fees)) fees.flow = true
  const tiers: unknown = version.get('tiers', true)
  if (isSeq(tiers)) for (const tier of tiers.items) keepFeesOnOneLine(tier)
}
