/** The shell of a stream decoder: frames in, steps out, nothing read after the end or a problem. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import type { StreamDecoder } from '#services/llm-adapters/adapter.ts'
import type { Frame, FrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'

/** What a frame did to the stream: it goes on, has reached its proper end, or has failed. */
export type StreamStep = 'more' | 'complete' | Problem

export interface FrameHandling {
  readonly frames: FrameReader
  readFrame(frame: Frame, events: ChatEvent[]): StreamStep
  /** The body has ended without the dialect's ending. */
  readEnd(events: ChatEvent[]): 'complete' | Problem
  /** Whether a chunk that begins between frames was dealt with as it is. */
  passChunk?(chunk: Uint8Array, events: ChatEvent[]): boolean
}

/** Anything that the handling throws becomes the decoder's problem; the events before it are kept. */
export function createStreamDecoder(handling: FrameHandling): StreamDecoder {
  const { frames } = handling
  let problem: Problem | undefined
  let isComplete = false

  const take = (step: StreamStep): void => {
    if (step === 'complete') isComplete = true
    else if (step !== 'more') problem = step
  }

  const readAll = (received: readonly Frame[], events: ChatEvent[]): void => {
    for (const frame of received) {
      if (isComplete || problem) return
      take(handling.readFrame(frame, events))
    }
  }

  const passes = (chunk: Uint8Array, events: ChatEvent[]): boolean =>
    handling.passChunk !== undefined && frames.isBetweenFrames && handling.passChunk(chunk, events)

  return {
    push(chunk) {
      if (problem || isComplete) return noEvents
      const events: ChatEvent[] = []
      try {
        if (!passes(chunk, events)) readAll(frames.push(chunk), events)
      } catch (thrown) {
        problem = toProblem(thrown)
      }
      return events
    },
    end() {
      if (problem || isComplete) return noEvents
      const events: ChatEvent[] = []
      try {
        readAll(frames.end(), events)
        if (!isComplete && !problem) take(handling.readEnd(events))
      } catch (thrown) {
        problem = toProblem(thrown)
      }
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

const noEvents: readonly ChatEvent[] = []

/** The body ended before the dialect's ending. */
export function streamCut(provider: string): Problem {
  return new Problem('stream_cut', { provider })
}
