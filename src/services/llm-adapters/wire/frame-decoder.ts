/** A stream decoder around a dialect's reading of single frames: what every event stream has in common. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import type { DecodeContext, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'

/** What a frame was: content of the answer, its last frame, or anything else. */
export type FrameMeaning = 'content' | 'end' | 'other'

export interface FrameReading {
  /** Adds the frame's events. Throws the Problem that ends the stream; its frame is not handed on. */
  read(frame: Frame, events: ChatEvent[]): FrameMeaning
  /** The body has ended without an `end` frame: whether the answer is whole all the same. */
  isWholeAtEnd(events: ChatEvent[]): boolean
}

const noEvents: readonly ChatEvent[] = []

/** For a native caller the bytes of whole frames go out as one `native` event for each chunk, after the other events. */
export function createFrameDecoder(context: DecodeContext, reading: FrameReading): StreamDecoder {
  const { isNative, target } = context
  const reader = createFrameReader({ keepsBytes: isNative })
  let problem: Problem | undefined
  let isComplete = false

  const take = (chunk: Uint8Array | undefined, events: ChatEvent[]) => {
    const passed: Uint8Array[] = []
    let deltas = 0
    try {
      for (const frame of chunk === undefined ? reader.end() : reader.push(chunk)) {
        const meaning = reading.read(frame, events)
        if (frame.bytes) passed.push(frame.bytes)
        if (meaning === 'content') deltas += 1
        if (meaning === 'end') {
          isComplete = true
          break
        }
      }
    } catch (thrown) {
      problem = toProblem(thrown)
    }
    const [only] = passed
    if (only) {
      const bytes = passed.length === 1 ? only : Buffer.concat(passed)
      events.push({ type: 'native', dialect: target.provider.dialect, bytes, deltas })
    }
  }

  return {
    push(chunk) {
      if (problem || isComplete) return noEvents
      const events: ChatEvent[] = []
      take(chunk, events)
      return events
    },
    end() {
      if (problem || isComplete) return noEvents
      const events: ChatEvent[] = []
      take(undefined, events)
      if (problem || isComplete) return events
      if (reading.isWholeAtEnd(events)) isComplete = true
      else problem = new Problem('stream_cut', { provider: target.provider.name })
      return events
    },
    get problem() {
      return problem
    },
    get isComplete() {
      return isComplete
    },
  }
}
