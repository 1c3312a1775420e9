/** Settle: what the answer cost, booked exactly once on every way out; everything held is given back. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { ErrandAnswer, ErrandKind } from '#core/domain/errand.ts'
import { inCurrency } from '#core/domain/currency.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Problem } from '#core/domain/problem.ts'
import { leavingProblem, toProblem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { noUsage, totalTokens } from '#core/domain/usage.ts'
import type { Asked, AskedErrand } from '#core/gateway/asked.ts'
import type { Answered } from '#core/gateway/attempt.ts'
import { countAnswer, createMeter } from '#core/gateway/meter.ts'
import type { Leg } from '#core/gateway/leg.ts'
import type { Meter } from '#core/gateway/meter.ts'
import { costOfParts, paidPartOf, withParts } from '#core/gateway/paid-parts.ts'
import type { DoneWork, KnownPlan, Passage, Plan } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { rowOf, unpaid } from '#core/gateway/usage-row.ts'
import type { Workload } from '#core/gateway/workload.ts'

/** What became of the asking. */
export interface Outcome {
  readonly target: Target
  readonly meter: Meter
  /** Set when the answer broke off or its reader left. */
  readonly problem: Problem | undefined
  /** The meter holds an estimate, though it looks like a count. */
  readonly isEstimated?: boolean
  /** Of a stream: which attempt it was, with its money. Otherwise the latest attempt was it. */
  readonly leg?: Pick<Leg, 'attempt' | 'reservation' | 'estimate'>
}

/** Books a whole answer and keeps it for those who ask the same. */
export function settleWhole(rooms: Rooms, plan: Plan<Asked>, { target, answer }: Answered): ChatAnswer {
  const meter = createMeter()
  countAnswer(meter, answer)
  settleAsked(rooms, plan.passage, { target, meter, problem: undefined })
  keepForOthers(rooms, plan, target, { answer, meter })
  return answer
}

/** Books an errand's answer. */
export function settleErrand<Kind extends ErrandKind>(
  rooms: Rooms,
  { passage }: Plan<AskedErrand<Kind>>,
  { target, answer }: Answered<ErrandAnswer<Kind>>,
): ErrandAnswer<Kind> {
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
  const { target, meter, problem, leg } = outcome
  const { receipt } = passage
  const used = paidPartOf(passage, outcome)
  const all = withParts(passage.parts, used)

  nameAnswerer(passage, target)
  receipt.usage = all.usage
  receipt.costNanoUsd = all.costNanoUsd
  const { currency } = rooms.settings()
  if (currency) receipt.costInCurrency = `${inCurrency(all.costNanoUsd, currency)} ${currency.code}`
  receipt.isEstimated = all.isEstimated
  closeTimes(rooms, passage)
  giveBack(rooms, passage, all.costNanoUsd, totalTokens(all.usage) ?? 0)
  rooms.analyticsCollector.record(
    rowOf(rooms, passage, {
      kind: 'charge',
      attempt: leg?.attempt ?? (passage.attempt || receipt.attempts),
      status: problem?.status ?? 200,
      problem,
      finish: meter.finish?.unified ?? null,
      priceVersion: (leg ?? passage).reservation?.price.id ?? null,
      latencyMs: receipt.latencyMs,
      used,
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
      used: unpaid(receipt),
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
  receipt.costNanoUsd = costOfParts(passage.parts)
  giveBack(rooms, passage, receipt.costNanoUsd, 0)
  rooms.analyticsCollector.record(
    rowOf(rooms, passage, {
      kind: 'refused',
      attempt: 0,
      status: problem.status,
      problem,
      finish: null,
      priceVersion: null,
      latencyMs: receipt.latencyMs,
      used: unpaid(receipt),
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
 * then; of a stream the first content would have been seen, unless it was held back.
 */
function unseenOutcome(
  { workload, reservation, heldTokens }: Passage,
  target: Target,
  problem: Problem,
): Outcome {
  const outputTokens = workload.isStreamed
    ? heldTokens
    : (reservation?.outputTokensCap ?? 0) * workload.answerCount
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
