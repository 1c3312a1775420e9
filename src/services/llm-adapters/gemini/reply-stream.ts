/** Gemini's stream: server-sent events whose data are whole response objects, ended by the end of the body. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import type { DecodeContext, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { explainError } from '#services/llm-adapters/gemini/explain-reply.ts'
import { createReplyReader } from '#services/llm-adapters/gemini/reply-reader.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'

/** There is no closing mark: a body that ends before a finish or block reason was cut. */
export function openGeminiStream(context: DecodeContext): StreamDecoder {
  const frames = createFrameReader({ keepsBytes: context.isNative })
  const reader = createReplyReader({ context, keepsPartsApart: false })
  const provider = context.target.provider.name
  let problem: Problem | undefined
  let isComplete = false

  const readFrame = (frame: Frame, events: ChatEvent[]): void => {
    // A proxy's closing mark, which Gemini itself never sends.
    if (frame.data === '' || frame.data === '[DONE]') return
    const response = responseIn(frame.data, context)
    const read = reader.read(response)
    if (!frame.bytes) {
      events.push(...read)
      return
    }
    // The start precedes the bytes, what they amount to follows them.
    for (const event of read) if (event.type === 'start') events.push(event)
    events.push({ type: 'native', dialect: 'gemini-generate', bytes: frame.bytes, deltas: reader.deltas })
    for (const event of read) if (event.type !== 'start') events.push(event)
  }

  /** Once there is a problem, nothing more is read. */
  const guarded = (read: (events: ChatEvent[]) => void): readonly ChatEvent[] => {
    const events: ChatEvent[] = []
    if (problem || isComplete) return events
    try {
      read(events)
    } catch (thrown) {
      problem = toProblem(thrown)
    }
    return events
  }

  return {
    push: (chunk) =>
      guarded((events) => {
        for (const frame of frames.push(chunk)) readFrame(frame, events)
      }),
    end: () =>
      guarded((events) => {
        for (const frame of frames.end()) readFrame(frame, events)
        events.push(...reader.end())
        isComplete = reader.isFinished
        if (!isComplete) problem = new Problem('stream_cut', { provider })
      }),
    get problem() {
      return problem
    },
    get isComplete() {
      return isComplete
    },
  }
}

/** A frame's object; an error may come inside an array. Throws what an error means, and `provider_malformed`. */
function responseIn(data: string, { target }: DecodeContext): JsonObject {
  const value = parseJson(data)
  const response = asObject(value) ?? asObject(asArray(value)[0])
  if (!response) {
    throw new Problem('provider_malformed', {
      detail: 'The provider sent a frame that is not JSON.',
      provider: target.provider.name,
    })
  }
  if (response['error'] !== undefined) throw explainError(response, { status: 200, headers: {} }, target)
  return response
}
