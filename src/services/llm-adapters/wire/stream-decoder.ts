/** The shell of a stream decoder: frames in, steps out, nothing read after the end or a problem. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { parseJson } from '#core/domain/json.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import type { Writable } from '#core/domain/writable.ts'
import type { StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { asBuffer } from '#services/llm-adapters/wire/byte-hold.ts'
import type { Frame, FrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'

/** What a frame did to the stream: it goes on, has reached its proper end, or has failed. */
export type StreamStep = 'more' | 'complete' | Problem

export interface FrameHandling {
  readonly frames: FrameReader
  readFrame(frame: Frame, events: ChatEvent[]): StreamStep
  /** The body has ended without the dialect's ending. */
  readEnd(events: ChatEvent[]): 'complete' | Problem
  /** Passes whole frames at the beginning of a chunk on as they are; how many bytes that was, 0 for none. */
  passFrames?(chunk: Uint8Array, events: ChatEvent[]): number
}

/** Anything that the handling throws becomes the decoder's problem; the events before it are kept. */
export function createStreamDecoder(handling: FrameHandling): StreamDecoder {
  const { frames } = handling
  const goesOn = (): boolean => !decoder.isComplete && !decoder.problem

  const take = (step: StreamStep): void => {
    if (step === 'complete') decoder.isComplete = true
    else if (step !== 'more') decoder.problem = step
  }

  const readAll = (received: readonly Frame[], events: ChatEvent[]): void => {
    for (const frame of received) if (goesOn()) take(handling.readFrame(frame, events))
  }

  const passOrRead = createPassing(handling, { goesOn, readAll })

  const decoder: Writable<StreamDecoder> = {
    problem: undefined,
    isComplete: false,
    push(chunk) {
      if (!goesOn()) return noEvents
      const events: ChatEvent[] = []
      try {
        if (handling.passFrames) passOrRead(chunk, events)
        else readAll(frames.push(chunk), events)
      } catch (thrown) {
        decoder.problem = toProblem(thrown)
      }
      return events
    },
    end() {
      if (!goesOn()) return noEvents
      const events: ChatEvent[] = []
      let isLastTorn = false
      try {
        const last = frames.end()
        isLastTorn = last.some(isTorn)
        readAll(last, events)
      } catch (thrown) {
        decoder.problem = toProblem(thrown)
      }
      try {
        // A torn frame says nothing, but what was held back until the next one has come all the same.
        const step = goesOn() || isLastTorn ? handling.readEnd(events) : 'more'
        if (goesOn()) take(step)
      } catch (thrown) {
        decoder.problem ??= toProblem(thrown)
      }
      decoder.problem &&= cutIfMalformed(decoder.problem)
      // Nothing has ended the last frame: what tells of the break would become a part of it.
      return decoder.problem || isLastTorn ? events.filter(({ type }) => type !== 'native') : events
    },
  }
  return decoder
}

interface FrameReading {
  readonly goesOn: () => boolean
  readonly readAll: (received: readonly Frame[], events: ChatEvent[]) => void
}

/** Passes what may pass; reads one frame where something must be read, and goes on passing after it. */
function createPassing(
  handling: FrameHandling,
  { goesOn, readAll }: FrameReading,
): (chunk: Uint8Array, events: ChatEvent[]) => void {
  const { frames } = handling
  return (chunk, events) => {
    let rest = chunk
    while (rest.length > 0 && goesOn()) {
      const passed = frames.isBetweenFrames() ? (handling.passFrames?.(rest, events) ?? 0) : 0
      if (passed === rest.length) return
      const unread = passed === 0 ? rest : rest.subarray(passed)
      const end = frameEnd(unread)
      readAll(frames.push(unread.subarray(0, end)), events)
      rest = unread.subarray(end)
    }
  }
}

const lf = 0x0a
const cr = 0x0d

/** Just after the first blank line; the end of the chunk when there is none. */
function frameEnd(chunk: Uint8Array): number {
  const buffer = asBuffer(chunk)
  for (let at = buffer.indexOf(lf); at !== -1; at = buffer.indexOf(lf, at + 1)) {
    if (buffer[at + 1] === lf) return at + 2
    if (buffer[at + 1] === cr && buffer[at + 2] === lf) return at + 3
  }
  return chunk.length
}

/** Whether a last frame that no blank line ends was cut inside its data. */
function isTorn({ data }: Frame): boolean {
  return data !== '' && data !== '[DONE]' && parseJson(data) === undefined
}

const noEvents: readonly ChatEvent[] = []

/** A last event that has no blank line after it and cannot be read was cut in its middle. */
function cutIfMalformed(problem: Problem): Problem {
  const { provider } = problem.details
  return problem.code === 'provider_malformed'
    ? new Problem('stream_cut', { cause: problem, ...(provider === undefined ? {} : { provider }) })
    : problem
}

/** The body ended before the dialect's ending. */
export function streamCut(provider: string): Problem {
  return new Problem('stream_cut', { provider })
}
