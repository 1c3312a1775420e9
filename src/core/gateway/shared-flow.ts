/**
 * One stream for several readers. Whoever is furthest reads on for all; a reader who joins later begins at the beginning,
 * while that is still kept. The beginning is dropped once the stream is longer than its limit: then nobody can join any
 * more, and a reader that lags further behind than the limit is cut off rather than let hold the others up.
 */
import { bytesOfEvents } from '#core/domain/event-bytes.ts'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { leavingProblem, Problem, toProblem } from '#core/domain/problem.ts'
import type { EventFlow } from '#core/gateway/asked.ts'
import type { SharedCall } from '#core/gateway/shared-call.ts'

type Batch = readonly ChatEvent[]

export interface SharedFlow {
  /** The stream from its beginning, for one who was counted in. Throws `idempotency_in_progress` when that is dropped. */
  open(callerSignal: LeaveSignal, leave: () => void): EventFlow
}

export interface SharedFlowTerms {
  readonly call: SharedCall
  readonly bytesMax: number
  /** Told once how the stream ended, with all of it where all was kept; no reader hears of the end before it is done. */
  ended(problem: Problem | undefined, batches: readonly Batch[] | undefined): Promise<void>
}

const done: IteratorResult<Batch> = { value: undefined, done: true }
const retryWhenLongMs = 5_000

export function shareFlow(source: EventFlow, terms: SharedFlowTerms): SharedFlow {
  const kept = createKept(terms.bytesMax)
  /** Those who wait for the piece that is being read. */
  const parked = new Set<() => void>()
  let ending: Promise<void> | undefined
  let isReading = false
  let isOver = false
  let problem: Problem | undefined

  const end = (how: Problem | undefined) => {
    ending ??= terms.ended(how, how ? undefined : kept.whole()).then(() => {
      problem = how
      isOver = true
    })
    return ending
  }
  const read = async () => {
    isReading = true
    try {
      const step = await source.next()
      if (step.done === true) await end(undefined)
      else kept.add(step.value)
    } catch (thrown) {
      await end(toProblem(thrown))
    }
    isReading = false
    for (const wake of parked) wake()
    parked.clear()
  }
  const { signal } = terms.call
  signal.addEventListener('abort', () => void end(leavingProblem(signal)), { once: true })

  /** The piece at a position, undefined after the last, or when the reader was woken because it left. */
  const nextAt = async (at: number, reader: Reader): Promise<Batch | undefined> => {
    while (!reader.hasLeft) {
      const batch = kept.at(at)
      if (batch) return batch
      if (isOver) {
        if (problem) throw problem
        return undefined
      }
      if (!isReading) void read()
      await new Promise<void>((wake) => {
        reader.wake = wake
        parked.add(wake)
      })
    }
    return undefined
  }

  return {
    open(callerSignal, leave) {
      if (kept.hasBeginning()) return flowFor(nextAt, callerSignal, leave)
      throw new Problem('idempotency_in_progress', { retryAfterMs: retryWhenLongMs })
    },
  }
}

interface Reader {
  hasLeft: boolean
  wake: (() => void) | undefined
}

function flowFor(
  nextAt: (at: number, reader: Reader) => Promise<Batch | undefined>,
  callerSignal: LeaveSignal,
  leave: () => void,
): EventFlow {
  const reader: Reader = { hasLeft: callerSignal.aborted, wake: undefined }
  const onLeave = () => {
    reader.hasLeft = true
    reader.wake?.()
  }
  callerSignal.addEventListener('abort', onLeave, { once: true })
  let at = 0
  const flow: EventFlow = {
    [Symbol.asyncIterator]: () => flow,
    async next() {
      const batch = await nextAt(at, reader)
      // Whom the gateway itself breaks off is told why; whoever left hears nothing any more.
      if (callerSignal.reason instanceof Problem) throw callerSignal.reason
      if (!batch || reader.hasLeft) return done
      at++
      return { value: batch, done: false }
    },
    return() {
      callerSignal.removeEventListener('abort', onLeave)
      onLeave()
      leave()
      return Promise.resolve(done)
    },
  }
  return flow
}

/** The last pieces of a stream, all of them while they fit. */
function createKept(bytesMax: number) {
  const batches: Batch[] = []
  const sizes: number[] = []
  let dropped = 0
  let bytes = 0
  return {
    add(batch: Batch): void {
      const size = bytesOfEvents(batch)
      batches.push(batch)
      sizes.push(size)
      bytes += size
      while (bytes > bytesMax && batches.length > 1) {
        batches.shift()
        bytes -= sizes.shift() ?? 0
        dropped++
      }
    },
    /** Undefined when it is still to come. Throws `stream_cut` when it is dropped. */
    at(position: number): Batch | undefined {
      if (position >= dropped) return batches[position - dropped]
      throw new Problem('stream_cut', {
        detail: 'This reader fell too far behind the others of the same stream.',
      })
    },
    hasBeginning: () => dropped === 0,
    whole: () => (dropped === 0 ? batches : undefined),
  }
}
