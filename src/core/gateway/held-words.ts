/** Held words: the first of an answer are given out late, so that a break among them can be mended unseen. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { eitherSignal, Leaving } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import { countEvents, createMeter, surelyProduced } from '#core/gateway/meter.ts'
import type { Passage } from '#core/gateway/passage.ts'
import type { ProviderReply, Rooms } from '#core/gateway/rooms.ts'
import type { StreamDecoder } from '#services/llm-adapters/adapter.ts'

export interface WordHold {
  /** Words are given out after this many tokens ... */
  readonly tokens: number
  /** ... or this long after the first of them. */
  readonly durationMs: number
}

/** A stream that is being read, as far as it came. */
export interface Reading {
  readonly reply: ProviderReply
  readonly decoder: StreamDecoder
  readonly firstEvents: readonly ChatEvent[]
  readonly hasEnded: boolean
  /** A piece that is being waited for already. */
  readonly nextChunk: Promise<Uint8Array | undefined> | undefined
}

/** Reads on until enough has come or enough time has passed. Throws what breaks the stream meanwhile. */
export async function holdWords(
  rooms: Pick<Rooms, 'pause' | 'analyticsCollector'>,
  passage: Passage,
  hold: WordHold,
  reading: Reading,
): Promise<Reading> {
  const { reply, decoder } = reading
  const { signal } = passage.asked
  const firstEvents = [...reading.firstEvents]
  const meter = createMeter()
  countEvents(meter, firstEvents)
  const waited = new Leaving()
  const timeIsUp = rooms
    .pause(hold.durationMs, eitherSignal(signal, waited))
    .then(() => 'time-is-up' as const)
    .catch(() => 'time-is-up' as const)
  let { hasEnded } = reading
  let nextChunk: Reading['nextChunk']
  passage.heldTokens = surelyProduced(meter)
  try {
    while (!hasEnded && !decoder.isComplete && passage.heldTokens < hold.tokens) {
      nextChunk = reply.next()
      // Whoever reads on sees how it ends; until then nobody may be there to see it fail.
      nextChunk.catch(() => undefined)
      const chunk = await Promise.race([nextChunk, timeIsUp])
      if (chunk === 'time-is-up') break
      nextChunk = undefined
      hasEnded = chunk === undefined
      const events = chunk === undefined ? decoder.end() : decoder.push(chunk)
      countEvents(meter, events)
      passage.heldTokens = surelyProduced(meter)
      firstEvents.push(...events)
      if (decoder.problem) throw decoder.problem
    }
    if (signal.aborted) throw new Problem('caller_left')
  } catch (thrown) {
    if (!signal.aborted) rooms.analyticsCollector.noteRescue('hold', 'restarted')
    throw thrown
  } finally {
    waited.abort()
  }
  passage.heldTokens = 0
  return { reply, decoder, firstEvents, hasEnded, nextChunk }
}
