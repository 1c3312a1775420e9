/** The flow of a begun stream towards its reader: metered, cut at the hold, and settled however it ends. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { leavingProblem, Problem, toProblem } from '#core/domain/problem.ts'
import type { Asked, EventFlow } from '#core/gateway/asked.ts'
import { healthOutcome } from '#core/gateway/approach.ts'
import type { BegunStream } from '#core/gateway/attempt.ts'
import { countEvents, createMeter, surelyProduced } from '#core/gateway/meter.ts'
import type { Meter } from '#core/gateway/meter.ts'
import type { Passage, Plan } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { closeTimes, keepForOthers, nameAnswerer, settleAsked } from '#core/gateway/settle.ts'

type Batch = readonly ChatEvent[]
const done: IteratorResult<Batch> = { value: undefined, done: true }

/** How far past the cap a provider may run before it is cut: pieces are not exactly tokens. */
const capSlack = 1.25
const capSlackTokens = 64

/**
 * The events of a stream, first ones first. Read to the end, broken off, abandoned, or never read while its caller
 * leaves: the request is settled once, the target's pass is closed and the provider's connection given up.
 */
export function settleStream(rooms: Rooms, plan: Plan<Asked>, begun: BegunStream): EventFlow {
  const { passage } = plan
  const { target, reply, pass } = begun
  const { signal } = passage.asked
  const read = createReader(begun)
  const meter = createMeter()
  const kept = plan.cacheKey === undefined ? undefined : createKeepsake()

  const finish = (problem: Problem | undefined) => {
    if (passage.isClosed) return
    signal.removeEventListener('abort', leave)
    if (problem) reply.cancel()
    else reply.drain()
    pass.close(problem ? healthOutcome(problem) : 'success', begun.firstTokenMs)
    settleAsked(rooms, passage, { target, meter, problem })
    const events = problem ? undefined : kept?.events()
    if (events) keepForOthers(rooms, plan, target, { meter, events })
  }
  const leave = () => finish(leavingProblem(signal))

  const next = async (): Promise<IteratorResult<Batch>> => {
    try {
      if (passage.isClosed) return done
      const events = await read()
      if (events) {
        countEvents(meter, events)
        kept?.add(events)
        refuseExcess(passage, meter)
        return { value: events, done: false }
      }
      finish(undefined)
      return done
    } catch (thrown) {
      const problem = signal.aborted ? leavingProblem(signal) : toProblem(thrown)
      finish(problem)
      throw problem
    }
  }

  nameAnswerer(passage, target)
  closeTimes(rooms, passage)
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  return flowOf(next, leave)
}

/** A keepsake of more events than this is no longer worth its memory. */
const keptEventsMax = 20_000

/** What a stream has said so far, for the cache; nothing any more once it is too much. */
function createKeepsake() {
  let kept: ChatEvent[] | undefined = []
  return {
    add(events: Batch): void {
      if (!kept) return
      for (const event of events) kept.push(event)
      if (kept.length > keptEventsMax) kept = undefined
    },
    events: (): Batch | undefined => kept,
  }
}

/** Reads on: the next batch with anything in it, or undefined once the answer is complete. Throws when it breaks off. */
function createReader({
  reply,
  decoder,
  firstEvents,
  hasEnded,
}: BegunStream): () => Promise<Batch | undefined> {
  let pending = firstEvents
  let isOver = hasEnded
  return async () => {
    if (pending.length > 0) {
      const first = pending
      pending = []
      return first
    }
    while (!isOver && !decoder.isComplete && !decoder.problem) {
      const chunk = await reply.next()
      isOver = chunk === undefined
      const events = chunk === undefined ? decoder.end() : decoder.push(chunk)
      if (events.length > 0) return events
    }
    if (decoder.problem) throw decoder.problem
    return undefined
  }
}

/** Cuts a provider that goes on past the cap that it was sent. */
function refuseExcess({ workload, reservation }: Passage, meter: Meter): void {
  const cap = (reservation?.outputTokensCap ?? 0) * workload.answerCount
  if (surelyProduced(meter) > cap * capSlack + capSlackTokens) {
    throw new Problem('stream_cut', {
      detail: 'The provider went on past the output limit that was paid for.',
    })
  }
}

/** A kept stream, given again in one batch. */
export function replay(events: Batch): EventFlow {
  let pending: Batch | undefined = events
  const next = () => {
    const batch = pending
    pending = undefined
    return Promise.resolve<IteratorResult<Batch>>(batch ? { value: batch, done: false } : done)
  }
  return flowOf(next, () => {
    pending = undefined
  })
}

function flowOf(next: () => Promise<IteratorResult<Batch>>, leave: () => void): EventFlow {
  const flow: EventFlow = {
    [Symbol.asyncIterator]: () => flow,
    next,
    return: () => {
      leave()
      return Promise.resolve(done)
    },
  }
  return flow
}
