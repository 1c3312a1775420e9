/** Rescue: when an answer breaks off after its first words, another attempt goes on with it, within the same hold. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { continuationOf, continuationWay, isContinuable } from '#core/domain/continuation.ts'
import type { Continuation } from '#core/domain/continuation.ts'
import { estimateInput } from '#core/domain/estimate.ts'
import type { TokenEstimate } from '#core/domain/estimate.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import { featuresOf } from '#core/domain/question-features.ts'
import { createSeam } from '#core/domain/seam.ts'
import { ableWay, waysOf } from '#core/domain/spoken-dialect.ts'
import { targetName } from '#core/domain/target.ts'
import type { Target } from '#core/domain/target.ts'
import { noUsage } from '#core/domain/usage.ts'
import type { Asked } from '#core/gateway/asked.ts'
import { attemptStream } from '#core/gateway/attempt.ts'
import type { BegunStream } from '#core/gateway/attempt.ts'
import { createContinuedWords } from '#core/gateway/continued-words.ts'
import { openLeg } from '#core/gateway/leg.ts'
import type { Leg } from '#core/gateway/leg.ts'
import { bookPart, paidPartOf, withParts } from '#core/gateway/paid-parts.ts'
import type { Plan } from '#core/gateway/passage.ts'
import { budgetNeed, takePlace } from '#core/gateway/admit.ts'
import { rescuePolicyOf } from '#core/gateway/rescue-policy.ts'
import type { RescueSettings } from '#core/gateway/rescue-policy.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { createSaid } from '#core/gateway/said.ts'
import type { Told } from '#core/gateway/said.ts'
import { recordFailedAttempt } from '#core/gateway/usage-row.ts'
import { createMeter } from '#core/gateway/meter.ts'

type Batch = readonly ChatEvent[]

export interface Rescuer {
  /** Everything that goes out to the reader. */
  hear(events: Batch): void
  /** Another leg that goes on with the answer, or undefined when the break must be told. Never throws. */
  goOn(broken: Leg, problem: Problem): Promise<Onward | undefined>
}

export interface Onward {
  readonly leg: Leg
  /** What the leg adds, batch by batch, as `leg.next` gives them. */
  readonly read: () => Promise<Batch | undefined>
  /** The leg's first words, found to be a continuation. */
  readonly first: Batch
  readonly mark: ChatEvent
}

/** Undefined, and without any cost, when nobody is to go on with this stream. */
export function createRescuer(rooms: Rooms, plan: Plan<Asked>, begun: BegunStream): Rescuer | undefined {
  const { asked } = plan.passage
  const settings = rooms.settings().rescue
  if (rescuePolicyOf(settings, plan.choice.route, asked.rescueWish) !== 'continue') return undefined
  if (settings.attemptsMax === 0 || !isContinuable(asked.question)) return undefined
  const said = createSaid(() => openDecoder(rooms, begun.target), settings.keptCharactersMax)
  const tried: Target[] = []
  const tracks: string[] = []
  /** Whose answers broke off, in their order. */
  const failed: Target[] = []

  return {
    hear: (events) => said.add(events),
    async goOn(broken, problem) {
      if (problem.kind.fault !== 'provider' || broken.isPastCap || asked.signal.aborted) return undefined
      const told = said.told()
      if (!told) return refused(rooms, 'unsafe')
      broken.close(problem)
      const break_: Break = { rooms, plan, settings, broken, problem, told, tracks }
      failed.push(broken.target)
      for (const target of inOrder(plan.choice.targets, failed, settings.order)) {
        const { attempts } = plan.passage.receipt
        if (attempts >= rooms.settings().attemptsPerRequest) break
        if (tried.length >= settings.attemptsMax || asked.signal.aborted) break
        if (tried.includes(target)) continue
        tried.push(target)
        const onward = await tryOn(break_, target)
        if (onward) return onward
      }
      return refused(rooms, 'failed')
    },
  }
}

function refused(rooms: Rooms, outcome: 'unsafe' | 'failed'): undefined {
  rooms.analyticsCollector.noteRescue('continue', outcome)
}

function openDecoder(rooms: Rooms, target: Target) {
  const mintId = () => rooms.chance.uniqueId()
  const context = { target, isNative: false, isUsageWanted: false, mintId }
  return rooms.adapters.for(target.provider.dialect).openStream(context)
}

/** Those that failed come last, or first, or not at all: a connection may have broken, not the service behind it. */
function inOrder(
  targets: readonly Target[],
  failed: readonly Target[],
  order: RescueSettings['order'],
): readonly Target[] {
  const names = new Set(failed.map(targetName))
  const others = targets.filter((target) => !names.has(targetName(target)))
  if (order === 'others-only') return others
  return order === 'same-first' ? [...failed, ...others] : [...others, ...failed]
}

/** A break, and what is known of it. */
interface Break {
  readonly rooms: Rooms
  readonly plan: Plan<Asked>
  readonly settings: RescueSettings
  readonly broken: Leg
  readonly problem: Problem
  readonly told: Told
  /** The tracks that were asked to go on already. */
  readonly tracks: string[]
}

/** One target's attempt at going on, up to its first words; undefined when it cannot or does not. */
async function tryOn(break_: Break, target: Target): Promise<Onward | undefined> {
  const { rooms, plan, broken, problem } = break_
  const { passage } = plan
  const attemptsBefore = passage.receipt.attempts
  const startedAtMs = rooms.clock.monotonicMs()
  passage.unanswered = undefined
  let leg: Leg | undefined
  try {
    const asking = askingOf(break_, target)
    if (!asking) return undefined
    await holdFor(break_, asking)
    const begun = await attemptStream(
      rooms,
      plan,
      { target: asking.target, tried: break_.tracks },
      { question: asking.continuation.question },
    )
    leg = openLeg(begun, { estimate: asking.estimate, answerCount: 1 })
    const onward = await firstWords(break_, asking, leg)
    bookPart(rooms, passage, { ...outcomeOf(broken, problem), kind: 'rescued' })
    passage.receipt.rescues++
    rooms.analyticsCollector.noteRescue('continue', 'continued')
    return onward
  } catch (thrown) {
    const failure = toProblem(thrown)
    leg?.close(failure)
    if (failure.code === 'caller_left') bookUnseen(break_, leg, failure)
    else if (passage.receipt.attempts > attemptsBefore) {
      recordFailedAttempt(rooms, passage, { target, problem: failure, startedAtMs })
    }
    return undefined
  }
}

const outcomeOf = (leg: Leg, problem: Problem) => ({
  target: leg.target,
  meter: leg.meter,
  leg,
  sentAtMs: leg.sentAtMs,
  problem,
})

/** Whoever leaves while another attempt works has had it work all the same. */
function bookUnseen({ rooms, plan }: Break, leg: Leg | undefined, problem: Problem): void {
  const { passage } = plan
  const { unanswered, reservation, receipt } = passage
  if (leg) bookPart(rooms, passage, { ...outcomeOf(leg, problem), kind: 'rescued' })
  else if (unanswered) {
    const { estimate } = passage.workload
    bookPart(rooms, passage, {
      kind: 'rescued',
      target: unanswered,
      meter: { ...createMeter(), usage: { ...noUsage, inputTokens: estimate.likely } },
      problem,
      leg: { attempt: receipt.attempts, reservation, estimate },
      sentAtMs: rooms.clock.monotonicMs(),
      isEstimated: true,
    })
  }
}

/** Reads until the leg is found to go on with the answer. Throws when it breaks off or does something else. */
async function firstWords(
  { settings, told, plan }: Break,
  { continuation, target }: Asking,
  leg: Leg,
): Promise<Onward> {
  const { stopSequences = [] } = plan.passage.asked.question
  const { anchor } = continuation
  const overlapMost = settings.overlapCharactersMax
  const words = createContinuedWords(createSeam({ shown: told.text, anchor, overlapMost, stopSequences }))
  const read = async (): Promise<Batch | undefined> => {
    while (!words.isOver) {
      const events = await leg.next()
      if (!events) return undefined
      const given = words.take(events)
      if (given.length > 0) return given
    }
    leg.cutShort()
    return undefined
  }
  const first = (await read()) ?? []
  return { leg, read, first, mark: { type: 'resumed', said: told.events, by: targetName(target) } }
}

/** A target with what it is asked in place of the caller's question. */
interface Asking {
  readonly target: Target
  readonly continuation: Continuation
  readonly estimate: TokenEstimate
}

/** Undefined when the target cannot be asked this. */
function askingOf({ plan, told }: Break, target: Target): Asking | undefined {
  const { question } = plan.passage.asked
  const continuation = continuationOf(question, told.text, continuationWay(target, question))
  const features = featuresOf(continuation.question)
  const way = ableWay(waysOf(target), { features, nativeDialect: undefined })
  const estimate = estimateInput(continuation.question)
  if (!way || estimate.likely > target.card.contextTokens) return undefined
  return { target: way.target, continuation, estimate }
}

/** Holds what the attempt may cost beside what the answer has cost so far. Throws as the limits and the budget do. */
async function holdFor({ rooms, plan, broken, problem }: Break, asking: Asking): Promise<void> {
  const { passage } = plan
  const { reservation } = passage
  if (!reservation) throw new Problem('internal_error', { detail: 'a target was to be asked without a hold' })
  const soFar = withParts(passage.parts, paidPartOf(passage, outcomeOf(broken, problem)))
  const need = budgetNeed(rooms, passage, asking.target)
  const inAll = passage.workload.outputTokensMax ?? rooms.settings().unstatedMaxOutputTokens
  const left = Math.min(inAll - (soFar.usage.outputTokens ?? 0), asking.target.card.maxOutputTokens)
  if (left <= 0) throw new Problem('stream_cut', { detail: 'The answer broke off where it had to end.' })
  const placing = takePlace(rooms, passage, asking.target)
  if (placing) await placing
  passage.reservation = await rooms.budgetManager.refit(reservation, {
    ...need,
    inputTokensBound: asking.estimate.bound,
    outputTokensWished: left,
    spentNanoUsd: soFar.costNanoUsd,
  })
}
