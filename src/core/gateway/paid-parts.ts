/** What the attempts of one request are paid for: each for itself, and all of them together. */
import { addMoney, zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Problem } from '#core/domain/problem.ts'
import { addUsage } from '#core/domain/usage.ts'
import { billOf } from '#core/gateway/bill.ts'
import { usageToCharge } from '#core/gateway/meter.ts'
import type { PaidPart, Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import type { Outcome } from '#core/gateway/settle.ts'
import { nothingCharged, rowOf } from '#core/gateway/usage-row.ts'
import type { UsageRow } from '#core/domain/request-record.ts'

/** What one attempt used and costs, by the money that was held for it. */
export function paidPartOf(passage: Passage, outcome: Outcome): PaidPart {
  const { meter, problem, leg } = outcome
  const { reservation } = leg ?? passage
  const { searchUnitsBound } = passage.workload
  const { estimate } = leg ?? passage.workload
  const { usage, isEstimated } = usageToCharge(meter, { estimate, searchUnitsBound }, problem === undefined)
  const bill = reservation ? billOf(reservation, usage) : nothingCharged
  return { ...bill, usage, isEstimated: isEstimated || bill.isEstimated || outcome.isEstimated === true }
}

/** The last attempt and those before it that are paid for too. */
export function withParts(parts: readonly PaidPart[], last: PaidPart): PaidPart {
  return parts.length === 0 ? last : [...parts, last].reduce(together)
}

/** What a request has cost so far that ends without an answer. */
export function costOfParts(parts: readonly PaidPart[]): NanoUsd {
  return parts.reduce((sum, { costNanoUsd }) => addMoney(sum, costNanoUsd), zeroUsd)
}

const together = (one: PaidPart, other: PaidPart): PaidPart => ({
  usage: addUsage(one.usage, other.usage),
  costNanoUsd: addMoney(one.costNanoUsd, other.costNanoUsd),
  providerCostNanoUsd: addMoney(one.providerCostNanoUsd, other.providerCostNanoUsd),
  isClamped: one.isClamped || other.isClamped,
  isEstimated: one.isEstimated || other.isEstimated,
})

/** An attempt that another one took the place of, though it was paid for. It is settled with the last one. */
export function bookPart(
  rooms: Rooms,
  passage: Passage,
  part: Outcome & {
    readonly kind: Extract<UsageRow['kind'], 'rescued' | 'hedged'>
    readonly leg: NonNullable<Outcome['leg']>
    readonly problem: Problem
    readonly sentAtMs: number
  },
): void {
  const { kind, target, leg, meter, problem, sentAtMs } = part
  const used = paidPartOf(passage, part)
  passage.parts.push(used)
  const row = rowOf(rooms, passage, {
    kind,
    attempt: leg.attempt,
    status: problem.details.upstreamStatus ?? problem.status,
    problem,
    finish: meter.finish?.unified ?? null,
    priceVersion: leg.reservation?.price.id ?? null,
    latencyMs: rooms.clock.monotonicMs() - sentAtMs,
    used,
  })
  rooms.analyticsCollector.record({
    ...row,
    provider: target.provider.name,
    model: target.card.name,
    isSimulated: target.provider.isSimulated,
  })
}
