/** A leg of an answer: what one attempt has to say of it, metered, cut at its hold, and closed once. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { TokenEstimate } from '#core/domain/estimate.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { Writable } from '#core/domain/writable.ts'
import { healthOutcome } from '#core/gateway/approach.ts'
import type { BegunStream } from '#core/gateway/attempt.ts'
import { countEvents, createMeter, surelyProduced } from '#core/gateway/meter.ts'
import type { Meter } from '#core/gateway/meter.ts'
import type { Workload } from '#core/gateway/workload.ts'
import type { Reservation } from '#services/budget-manager/budget-manager.ts'

type Batch = readonly ChatEvent[]

export interface Leg {
  readonly target: Target
  /** The number of its attempt, from 1. */
  readonly attempt: number
  /** The money as it was held for this leg, with its price and its cap. */
  readonly reservation: Reservation | undefined
  readonly estimate: TokenEstimate
  readonly sentAtMs: number
  readonly meter: Meter
  /** The provider went on past what was paid for: it must not be asked to go on. */
  readonly isPastCap: boolean
  /** The next batch with anything in it, or undefined once the leg is complete. Throws when it breaks off. */
  next(): Promise<Batch | undefined>
  /** Tells how the leg ended, and lets the provider go. Once; later calls do nothing. */
  close(problem: Problem | undefined): void
  /** The rest is not wanted, though the target did well. */
  cutShort(): void
}

/** How far past the cap a provider may run before it is cut: pieces are not exactly tokens. */
const capSlack = 1.25
const capSlackTokens = 64

export function openLeg(begun: BegunStream, workload: Pick<Workload, 'estimate' | 'answerCount'>): Leg {
  const { target, reply, pass, reservation } = begun
  const meter = createMeter()
  const cap = (reservation?.outputTokensCap ?? 0) * workload.answerCount
  let isClosed = false

  const leg: Writable<Leg> = {
    target,
    attempt: begun.attempt,
    reservation,
    estimate: workload.estimate,
    sentAtMs: begun.sentAtMs,
    meter,
    isPastCap: false,
    next: createReader(begun, (events) => {
      countEvents(meter, events)
      leg.isPastCap = surelyProduced(meter) > cap * capSlack + capSlackTokens
      if (!leg.isPastCap) return
      throw new Problem('stream_cut', {
        detail: 'The provider went on past the output limit that was paid for.',
      })
    }),
    close(problem) {
      if (isClosed) return
      isClosed = true
      if (problem) reply.cancel()
      else reply.drain()
      pass.close(problem ? healthOutcome(problem) : 'success', begun.firstTokenMs)
    },
    cutShort() {
      if (isClosed) return
      isClosed = true
      reply.cancel()
      pass.close('success', begun.firstTokenMs)
    },
  }
  return leg
}

/**
 * Reads on: the next batch with anything in it, which `account` has seen and let pass, or undefined once the answer is
 * complete. Throws when it breaks off, and what `account` throws.
 */
function createReader(
  { reply, decoder, firstEvents, hasEnded, nextChunk }: BegunStream,
  account: (events: Batch) => void,
): () => Promise<Batch | undefined> {
  let pending = firstEvents
  let isOver = hasEnded
  let chunkUnderWay = nextChunk
  return async () => {
    if (pending.length > 0) {
      const first = pending
      pending = []
      account(first)
      return first
    }
    while (!isOver && !decoder.isComplete && !decoder.problem) {
      const chunk = await (chunkUnderWay ?? reply.next())
      chunkUnderWay = undefined
      isOver = chunk === undefined
      const events = chunk === undefined ? decoder.end() : decoder.push(chunk)
      if (events.length === 0) continue
      account(events)
      return events
    }
    if (decoder.problem) throw decoder.problem
    return undefined
  }
}
