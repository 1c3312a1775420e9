/** Rerating: the charges of a period computed again with the prices of now, and the differences written as adjustments. */
import { usageOfRow } from '#core/domain/billed-usage.ts'
import { chargeFor } from '#core/domain/margin.ts'
import { costOfUsage } from '#core/domain/model-card.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { addMoney, toNanoUsd, zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import { chargesOf, nextAdjustment } from '#services/analytics-collector/charges.ts'
import type { Charge } from '#services/analytics-collector/charges.ts'
import type { Journal } from '#services/analytics-collector/journal.ts'

export interface RerateParts {
  readonly journal: Pick<Journal, 'charges' | 'append'>
  /** The price that holds now for the moment when this row's request began; undefined when nobody knows it. */
  readonly priceOf: (row: UsageRow) => PriceVersion | undefined
  /** Told of every charge that has a price now, changed or not, with what it costs by that. */
  readonly noteRated?: ((charge: UsageRow, costNanoUsd: NanoUsd) => void) | undefined
}

export interface RerateWish {
  readonly fromMs: number
  readonly toMs: number
  readonly tenantId?: string | undefined
  /** Whether the differences are written; otherwise they are told only. */
  readonly isWritten: boolean
  /** Differences that are told one by one; the sums know of all. */
  readonly differencesMax: number
}

/** One charge that costs something else by the prices of now. */
export interface RatedDifference {
  readonly charge: UsageRow
  readonly priceVersion: string
  /** With the adjustments that were there before. */
  readonly before: Money
  readonly after: Money
}

interface Money {
  readonly costNanoUsd: NanoUsd
  readonly providerCostNanoUsd: NanoUsd
}

export interface RerateReport {
  readonly charges: number
  /** Charges whose model has no price now: left as they are. */
  readonly unpriced: number
  /** Charges that no price makes anew: reports beyond belief that were charged at their hold. */
  readonly clamped: number
  readonly changed: number
  readonly before: Money
  readonly after: Money
  readonly isWritten: boolean
  readonly differences: readonly RatedDifference[]
}

const pageRows = 500

/** Goes through a period page by page. Throws `store_unavailable`; what was written until then stays and is not repeated. */
export async function rerate(parts: RerateParts, wish: RerateWish): Promise<RerateReport> {
  const { journal, priceOf } = parts
  const tally = { charges: 0, unpriced: 0, clamped: 0, changed: 0, before: nothing, after: nothing }
  const differences: RatedDifference[] = []
  let waiting: UsageRow[] = []
  const write = async () => {
    if (wish.isWritten && waiting.length > 0) await journal.append(waiting)
    waiting = []
  }
  for await (const charge of chargesOf(journal, wish)) {
    const rated = rate(charge, priceOf)
    tally.charges += 1
    if (rated.kind !== 'rated') tally[rated.kind] += 1
    const before = moneyOf(charge)
    const after = rated.kind === 'rated' ? rated.money : before
    if (rated.kind === 'rated') parts.noteRated?.(charge.row, rated.money.costNanoUsd)
    tally.before = plus(tally.before, before)
    tally.after = plus(tally.after, after)
    if (rated.kind !== 'rated' || isSame(before, after)) continue
    tally.changed += 1
    const difference = { charge: charge.row, priceVersion: rated.priceVersion, before, after }
    if (differences.length < wish.differencesMax) differences.push(difference)
    waiting.push(adjustmentOf(charge, difference))
    if (waiting.length >= pageRows) await write()
  }
  await write()
  return { ...tally, isWritten: wish.isWritten, differences }
}

type Rating =
  | { readonly kind: 'rated'; readonly money: Money; readonly priceVersion: string }
  | { readonly kind: 'unpriced' | 'clamped' }

function rate({ row }: Charge, priceOf: RerateParts['priceOf']): Rating {
  if (row.billing?.isClamped) return { kind: 'clamped' }
  // Work that nobody charges for, like counting tokens: it has no tokens of its own.
  if (row.priceVersion === 'free' && row.inputTokens === 0 && row.outputTokens === 0) {
    return { kind: 'rated', money: nothing, priceVersion: 'free' }
  }
  const price = priceOf(row)
  if (!price) return { kind: 'unpriced' }
  const providerCostNanoUsd = costOfUsage(price, usageOfRow(row))
  const costNanoUsd = chargeFor(price.margin, providerCostNanoUsd)
  return { kind: 'rated', money: { costNanoUsd, providerCostNanoUsd }, priceVersion: price.id }
}

const nothing: Money = { costNanoUsd: zeroUsd, providerCostNanoUsd: zeroUsd }

const plus = (a: Money, b: Money): Money => ({
  costNanoUsd: addMoney(a.costNanoUsd, b.costNanoUsd),
  providerCostNanoUsd: addMoney(a.providerCostNanoUsd, b.providerCostNanoUsd),
})

const isSame = (a: Money, b: Money) =>
  a.costNanoUsd === b.costNanoUsd && a.providerCostNanoUsd === b.providerCostNanoUsd

const moneyOf = ({ row, adjustments }: Charge): Money => adjustments.reduce(plus, row)

/** The same request with nothing but money: two reratings at once make the same row, and it is kept once. */
function adjustmentOf(charge: Charge, { before, after, priceVersion }: RatedDifference): UsageRow {
  return {
    ...charge.row,
    kind: 'adjust',
    attempt: nextAdjustment(charge),
    inputTokens: 0,
    outputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    costNanoUsd: toNanoUsd(after.costNanoUsd - before.costNanoUsd),
    providerCostNanoUsd: toNanoUsd(after.providerCostNanoUsd - before.providerCostNanoUsd),
    billing: null,
    priceVersion,
    problem: null,
    finish: null,
    latencyMs: 0,
    firstTokenMs: null,
    overheadMs: 0,
  }
}
