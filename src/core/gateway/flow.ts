/** The flow of a begun stream towards its reader: metered, cut at the hold, and settled however it ends. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { leavingProblem, toProblem } from '#core/domain/problem.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Asked, EventFlow } from '#core/gateway/asked.ts'
import type { BegunStream } from '#core/gateway/attempt.ts'
import { openLegs } from '#core/gateway/legs.ts'
import type { Plan } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { closeTimes, keepForOthers, nameAnswerer, settleAsked } from '#core/gateway/settle.ts'

type Batch = readonly ChatEvent[]
const done: IteratorResult<Batch> = { value: undefined, done: true }

/**
 * The events of a stream, first ones first. Read to the end, broken off, abandoned, or never read while its caller
 * leaves: the request is settled once, every target's pass is closed and the provider's connection given up.
 */
export function settleStream(rooms: Rooms, plan: Plan<Asked>, begun: BegunStream): EventFlow {
  const { passage } = plan
  const { signal } = passage.asked
  const legs = openLegs(rooms, plan, begun)
  const kept = plan.cacheKey === undefined ? undefined : createKeepsake()
  /** A rescue under way changes what is held: whoever leaves meanwhile is settled when it has ended. */
  let left: Problem | undefined

  const finish = (problem: Problem | undefined) => {
    if (passage.isClosed) return
    signal.removeEventListener('abort', leave)
    const leg = legs.now
    leg.close(problem)
    const { target, meter } = leg
    settleAsked(rooms, passage, { target, meter, problem, leg })
    // Words of two models are nobody's answer.
    const events = problem || passage.receipt.rescues > 0 ? undefined : kept?.events()
    if (events) keepForOthers(rooms, plan, target, { meter, events })
  }
  const leave = () => {
    if (passage.isClosed) return
    if (legs.isRescuing) left ??= leavingProblem(signal)
    else finish(leavingProblem(signal))
  }

  const next = async (): Promise<IteratorResult<Batch>> => {
    try {
      if (passage.isClosed) return done
      const events = await legs.next()
      if (left) throw left
      if (events) {
        kept?.add(events)
        return { value: events, done: false }
      }
      finish(undefined)
      return done
    } catch (thrown) {
      const problem = left ?? (signal.aborted ? leavingProblem(signal) : toProblem(thrown))
      finish(problem)
      throw problem
    }
  }

  nameAnswerer(passage, begun.target)
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
