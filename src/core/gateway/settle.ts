/** Settle: what the answer cost, booked exactly once on every way out; everything held is given back. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { ErrandAnswer, ErrandKind } from '#core/domain/errand.ts'
import { chargeFor, costBehind } from '#core/domain/margin.ts'
import { costOfUsage, highestCost } from '#core/domain/model-card.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Problem } from '#core/domain/problem.ts'
import { leavingProblem, toProblem } from '#core/domain/problem.ts'
import { isServicePriceUnknown } from '#core/domain/service-tier.ts'
import type { Target } from '#core/domain/target.ts'
import { noUsage, totalTokens } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Asked, AskedErrand } from '#core/gateway/asked.ts'
import type { Answered } from '#core/gateway/execute.ts'
import { countAnswer, createMeter, usageToCharge } from '#core/gateway/meter.ts'
import type { Meter } from '#core/gateway/meter.ts'
import type { DoneWork, KnownPlan, Passage, Plan } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { nothingCharged, rowOf } from '#core/gateway/usage-row.ts'
import type { Bill } from '#core/gateway/usage-row.ts'
import type { Workload } from '#core/gateway/workload.ts'
import type { Reservation } from '#services/budget-manager/budget-manager.ts'

/** A report of usage this many times above the hold is taken for nonsense, not for a bill. */
const absurdFactor = 4
/** No answer uses its provider's own tools more often than this. */
const toolUsesPlausible = 100

/** What became of the asking. */
export interface Outcome {
  readonly target: Target
  readonly meter: Meter
  /** Set when the answer broke off or its reader left. */
  readonly problem: Problem | undefined
  /** The meter holds an estimate, though it looks like a count. */
  readonly isEstimated?: boolean
}

/** Books a whole answer and keeps it for those who ask the same. */
export async function settleWhole(
  rooms: Rooms,
  plan: Plan<Asked>,
  asking: Promise<Answered>,
): Promise<ChatAnswer> {
  const { target, answer } = await asking
  const meter = createMeter()
  countAnswer(meter, answer)
  settleAsked(rooms, plan.passage, { target, meter, problem: undefined })
  keepForOthers(rooms, plan, target, { answer, meter })
  return answer
}

/** Books an errand's answer. */
export async function settleErrand<Kind extends ErrandKind>(
  rooms: Rooms,
  { passage }: Plan<AskedErrand<Kind>>,
  asking: Promise<Answered<ErrandAnswer<Kind>>>,
): Promise<ErrandAnswer<Kind>> {
  const { target, answer } = await asking
  settleAsked(rooms, passage, {
    target,
    meter: { ...createMeter(), usage: answer.usage },
    problem: undefined,
  })
  return answer
}

/** Charges what was used, gives back the rest of the hold and the place in every limit, writes the row. Once. */
export function settleAsked(rooms: Rooms, passage: Passage, outcome: Outcome): void {
  if (passage.isClosed) return
  passage.isClosed = true
  const { target, meter, problem } = outcome
  const { receipt, reservation } = passage
  const counted = usageToCharge(meter, passage.workload, problem === undefined)
  const bill = reservation ? billOf(reservation, counted.usage) : nothingCharged
  const isEstimated = counted.isEstimated || bill.isEstimated || outcome.isEstimated === true

  nameAnswerer(passage, target)
  receipt.usage = counted.usage
  receipt.costNanoUsd = bill.costNanoUsd
  receipt.isEstimated = isEstimated
  closeTimes(rooms, passage)
  giveBack(rooms, passage, bill.costNanoUsd, totalTokens(counted.usage) ?? 0)
  rooms.analyticsCollector.record(
    rowOf(rooms, passage, {
      kind: 'charge',
      attempt: receipt.attempts,
      status: problem?.status ?? 200,
      problem,
      finish: meter.finish?.unified ?? null,
      priceVersion: reservation?.price.id ?? null,
      bill,
      latencyMs: receipt.latencyMs,
    }),
  )
}

/** Writes on the receipt who answers. */
export function nameAnswerer(passage: Passage, target: Target): void {
  const { receipt } = passage
  receipt.provider = target.provider.name
  receipt.model = target.card.name
  receipt.isSimulated = target.provider.isSimulated
}

/** Hands out an answer that was known already: it costs nothing and asks nobody. */
export function settleKnown(rooms: Rooms, { passage, known }: KnownPlan): void {
  if (passage.isClosed) return
  passage.isClosed = true
  const { receipt } = passage
  receipt.provider = known.target.provider
  receipt.model = known.target.model
  receipt.isSimulated = known.isSimulated
  receipt.cache = 'hit'
  receipt.usage = known.usage
  closeTimes(rooms, passage)
  giveBack(rooms, passage, zeroUsd, 0)
  rooms.analyticsCollector.record(
    rowOf(rooms, passage, {
      kind: 'cached',
      attempt: 0,
      status: 200,
      problem: undefined,
      finish: 'stop',
      priceVersion: null,
      latencyMs: receipt.latencyMs,
    }),
  )
}

/**
 * Ends a request that no provider answered: nothing is charged, everything held is given back. Only a caller who
 * leaves while a provider works is charged: of an errand of several calls for those that are done, of a question for
 * what the provider may bill although nobody saw it. Leaving must not be a way around a budget.
 */
export function settleRefused(rooms: Rooms, passage: Passage, thrown: unknown): Problem {
  const failure = toProblem(thrown)
  const isLeft = failure.code === 'caller_left'
  const problem = isLeft ? leavingProblem(passage.asked.signal) : failure
  if (passage.isClosed) return problem
  if (passage.done && isLeft) {
    settleAsked(rooms, passage, doneOutcome(passage.workload, passage.done, problem))
    return problem
  }
  if (passage.unanswered) {
    settleAsked(rooms, passage, unseenOutcome(passage, passage.unanswered, problem))
    return problem
  }
  passage.isClosed = true
  const { receipt } = passage
  closeTimes(rooms, passage)
  giveBack(rooms, passage, zeroUsd, 0)
  rooms.analyticsCollector.record(
    rowOf(rooms, passage, {
      kind: 'refused',
      attempt: 0,
      status: problem.status,
      problem,
      finish: null,
      priceVersion: null,
      latencyMs: receipt.latencyMs,
    }),
  )
  return problem
}

function doneOutcome({ estimate }: Workload, { target, share }: DoneWork, problem: Problem): Outcome {
  const inputTokens = Math.ceil(estimate.likely * share)
  return {
    target,
    meter: { ...createMeter(), usage: { ...noUsage, inputTokens } },
    problem,
    isEstimated: true,
  }
}

/**
 * An answer of which nothing came: its input was read. Of a whole answer all of the output may have been written by
 * then; of a stream the first content would have been seen.
 */
function unseenOutcome({ workload, reservation }: Passage, target: Target, problem: Problem): Outcome {
  const outputTokens = workload.isStreamed ? 0 : (reservation?.outputTokensCap ?? 0) * workload.answerCount
  const usage = workload.isFree
    ? noUsage
    : { ...noUsage, inputTokens: workload.estimate.likely, outputTokens }
  return { target, meter: { ...createMeter(), usage }, problem, isEstimated: true }
}

/** Keeps a complete, unbroken answer in the cache, when the request allowed one to be kept. */
export function keepForOthers(
  rooms: Rooms,
  plan: Plan<Asked>,
  target: Target,
  given: { readonly answer?: ChatAnswer; readonly events?: readonly ChatEvent[]; readonly meter: Meter },
): void {
  if (plan.cacheKey === undefined || given.meter.finish?.unified !== 'stop') return
  rooms.responseCache.keep(plan.cacheKey, {
    target: { provider: target.provider.name, model: target.card.name },
    isSimulated: target.provider.isSimulated,
    usage: plan.passage.receipt.usage,
    answer: given.answer,
    events: given.events,
  })
}

/** Writes down how long everything took. A stream's overhead is what it was when its first content came. */
export function closeTimes(rooms: Rooms, passage: Passage): void {
  const { receipt, asked, workload } = passage
  receipt.latencyMs = rooms.clock.monotonicMs() - asked.startedAtMs
  const isRunning = workload.isStreamed && receipt.overheadMs > 0
  if (!isRunning) receipt.overheadMs = Math.max(0, receipt.latencyMs - passage.upstreamMs)
}

function giveBack(rooms: Rooms, passage: Passage, spent: NanoUsd, tokensUsed: number): void {
  passage.permit?.release(tokensUsed)
  // Those who wait look on in the next turn of the loop, when the answer is kept.
  passage.endTurn?.()
  if (!passage.reservation) return
  const settling = rooms.budgetManager.settle(passage.reservation, spent)
  settling?.catch((failure: unknown) => rooms.report(failure, 'settling a budget'))
}

/** The price of the usage; a report far beyond what the hold could pay for is charged at the hold. */
function billOf(reservation: Reservation, usage: Usage): Bill {
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
