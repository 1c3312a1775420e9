/** Hedging: a stream whose first words are late is asked of a second target too, and the first to speak is heard. */
import { eitherSignal, Leaving } from '#core/domain/leave-signal.ts'
import { highestCost } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import { targetName } from '#core/domain/target.ts'
import type { Target } from '#core/domain/target.ts'
import { noUsage } from '#core/domain/usage.ts'
import type { Destination } from '#core/gateway/approach.ts'
import type { Asked } from '#core/gateway/asked.ts'
import { attemptStream } from '#core/gateway/attempt.ts'
import type { BegunStream, StreamTerms } from '#core/gateway/attempt.ts'
import { createMeter } from '#core/gateway/meter.ts'
import { bookPart } from '#core/gateway/paid-parts.ts'
import type { Passage, Plan } from '#core/gateway/passage.ts'
import { budgetNeed, takePlace } from '#core/gateway/admit.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { recordFailedAttempt } from '#core/gateway/usage-row.ts'
import type { BudgetNeed } from '#services/budget-manager/budget-manager.ts'

/** As `attemptStream`; with a second target beside the first where the settings allow one, and it is late. */
export function attemptHedged(
  rooms: Rooms,
  plan: Plan<Asked>,
  destination: Destination,
  terms: StreamTerms,
): Promise<BegunStream> {
  const { receipt, reservation } = plan.passage
  const held = receipt.attempts === 0 ? reservation?.amount : undefined
  const afterMs = held === undefined ? undefined : rooms.resilience.hedgeAfterMs(destination.target, held)
  if (afterMs === undefined) return attemptStream(rooms, plan, destination, terms)
  return race({ rooms, plan, terms, afterMs }, destination)
}

/** The same model by another key or address, where there is one that could answer; else the next model. */
function otherThan({ rooms, plan }: Race, { target, tried }: Destination): Destination | undefined {
  if (rooms.resilience.hasFreshTrack(target, tried)) return { target, tried: [...tried] }
  const other = plan.choice.targets.find((one) => targetName(one) !== targetName(target))
  return other && { target: other, tried: [] }
}

interface Race {
  readonly rooms: Rooms
  readonly plan: Plan<Asked>
  readonly terms: StreamTerms
  readonly afterMs: number
}

/** One of the two: what it changes about the passage is its own until it has won. */
interface Side {
  readonly target: Target
  readonly passage: Passage<Asked>
  readonly leaving: Leaving
  readonly startedAtMs: number
  /** Settles once the question is on its way, or never is. */
  readonly sent: Promise<void>
  readonly result: Promise<SideResult>
  isOver: boolean
}

type SideResult =
  | { readonly side: Side; readonly begun: BegunStream }
  | { readonly side: Side; readonly problem: Problem }

async function race(race_: Race, destination: Destination): Promise<BegunStream> {
  const { rooms, plan, afterMs } = race_
  const { passage } = plan
  const first = startSide(race_, destination, passage)
  const waited = new Leaving()
  const late = first.sent
    .then(() => rooms.pause(afterMs, eitherSignal(passage.asked.signal, waited)))
    .then(() => 'late' as const)
    // Whoever leaves is told by the attempt itself.
    .catch(() => first.result)
  const early = await Promise.race([first.result, late])
  waited.abort()
  const second = early === 'late' ? await startSecond(race_, first, destination) : undefined
  if (!second) return finish(passage, await first.result)
  const fastest = await Promise.race([first.result, second.result])
  if ('begun' in fastest) return win(rooms, passage, fastest, fastest.side === first ? second : first)
  const slower = fastest.side === first ? second : first
  return outlive(rooms, passage, { failed: fastest, last: await slower.result, first })
}

function startSide({ rooms, plan, terms }: Race, destination: Destination, from: Passage<Asked>): Side {
  const leaving = new Leaving()
  const { promise: sent, resolve } = Promise.withResolvers<void>()
  const signal = eitherSignal(from.asked.signal, leaving)
  const passage = { ...from, unanswered: undefined, asked: { ...from.asked, signal } }
  const startedAtMs = rooms.clock.monotonicMs()
  const begin = async (): Promise<SideResult> => {
    try {
      const begun = await attemptStream(rooms, { ...plan, passage }, destination, { ...terms, sent: resolve })
      return { side, begun }
    } catch (thrown) {
      return { side, problem: toProblem(thrown) }
    } finally {
      side.isOver = true
      resolve()
    }
  }
  const { promise: result, resolve: settle } = Promise.withResolvers<SideResult>()
  const side: Side = {
    target: destination.target,
    passage,
    leaving,
    startedAtMs,
    sent,
    result,
    isOver: false,
  }
  begin().then(settle, () => undefined)
  return side
}

/** The second side, once the hold covers both; undefined when it does not, or the first has spoken meanwhile. */
async function startSecond(race_: Race, first: Side, destination: Destination): Promise<Side | undefined> {
  const { rooms, plan } = race_
  const { reservation } = first.passage
  const { receipt, asked } = plan.passage
  if (!reservation || first.isOver || receipt.attempts >= rooms.settings().attemptsPerRequest)
    return undefined
  const other = otherThan(race_, destination)
  if (!other || !rooms.resilience.signalOf(targetName(other.target)).isAvailable) return undefined
  const { target } = other
  try {
    const need = budgetNeed(rooms, plan.passage, target)
    if (!rooms.resilience.takeHedge(mostOf(need))) return undefined
    await takePlace(rooms, plan.passage, target)
    const both = await rooms.budgetManager.refit(reservation, { ...need, spentNanoUsd: reservation.amount })
    if (first.isOver || asked.signal.aborted) return undefined
    return startSide(race_, other, { ...plan.passage, reservation: both })
  } catch {
    // No money, or no price: the first one is waited for alone.
    return undefined
  }
}

/** The most that one more target may cost. */
function mostOf({ price, inputTokensBound, outputTokensWished, answerCount }: BudgetNeed): NanoUsd {
  return toNanoUsd(highestCost(price, inputTokensBound, outputTokensWished) * answerCount)
}

/** What became of the only side, or of the one that is left. */
function finish(passage: Passage, result: SideResult): BegunStream {
  adopt(passage, result.side.passage)
  if ('problem' in result) throw result.problem
  return result.begun
}

function adopt(passage: Passage, side: Passage): void {
  passage.reservation = side.reservation
  passage.upstreamMs = side.upstreamMs
  passage.firstTokenMs = side.firstTokenMs
  passage.unanswered = side.unanswered
  passage.heldTokens = side.heldTokens
  passage.attempt = side.attempt
}

/** The loser is stopped, and pays for having read the question. */
function win(
  rooms: Rooms,
  passage: Passage,
  { side, begun }: Extract<SideResult, { begun: BegunStream }>,
  loser: Side,
): BegunStream {
  adopt(passage, side.passage)
  rooms.analyticsCollector.noteHedge(begun.attempt === 1 ? 'lost' : 'won')
  bookLoser(rooms, passage, loser, new Problem('caller_left', { detail: 'Another model spoke first.' }))
  loser.leaving.abort()
  void loser.result.then((result) => {
    if (!('begun' in result)) return
    // It spoke at the same moment.
    result.begun.reply.cancel()
    result.begun.pass.close('neutral')
  })
  return begun
}

function bookLoser(rooms: Rooms, passage: Passage, loser: Side, problem: Problem): void {
  const { attempt, reservation, unanswered, heldTokens } = loser.passage
  if (!unanswered) return
  const { estimate } = passage.workload
  const usage = { ...noUsage, inputTokens: estimate.likely, outputTokens: heldTokens }
  bookPart(rooms, passage, {
    kind: 'hedged',
    target: loser.target,
    meter: { ...createMeter(), usage },
    problem,
    leg: { attempt, reservation, estimate },
    sentAtMs: loser.startedAtMs,
    isEstimated: true,
  })
}

/** One of the two failed; the other one is all that is left. */
function outlive(
  rooms: Rooms,
  passage: Passage,
  { failed, last, first }: { readonly failed: SideResult; readonly last: SideResult; readonly first: Side },
): BegunStream {
  const hasLeft = passage.asked.signal.aborted
  const second = failed.side === first ? last : failed
  if ('problem' in second) {
    if (hasLeft) bookLoser(rooms, passage, second.side, second.problem)
    else noteFailed(rooms, second.side, second.problem)
  }
  rooms.analyticsCollector.noteHedge('begun' in second ? 'won' : 'failed')
  if ('begun' in last) {
    if (failed.side === first && 'problem' in failed) noteFailed(rooms, first, failed.problem)
    return finish(passage, last)
  }
  // Both failed: the first one's failure is told, and noted, like that of any attempt.
  return finish(passage, failed.side === first ? failed : last)
}

function noteFailed(rooms: Rooms, { passage, target, startedAtMs }: Side, problem: Problem): void {
  if (passage.attempt > 0) recordFailedAttempt(rooms, passage, { target, problem, startedAtMs })
}
