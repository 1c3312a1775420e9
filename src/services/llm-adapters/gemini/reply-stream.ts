/** Gemini's stream: server-sent events whose data are whole response objects, ended by the end of the body. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { DecodeContext, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { explainError } from '#services/llm-adapters/gemini/explain-reply.ts'
import { plainRepliesOf } from '#services/llm-adapters/gemini/plain-frames.ts'
import { createReplyReader } from '#services/llm-adapters/gemini/reply-reader.ts'
import type { ReplyReader } from '#services/llm-adapters/gemini/reply-reader.ts'
import { passFrame } from '#services/llm-adapters/wire/pass-frame.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import { createStreamDecoder, streamCut } from '#services/llm-adapters/wire/stream-decoder.ts'
import type { FrameHandling } from '#services/llm-adapters/wire/stream-decoder.ts'

/** There is no closing mark: a body that ends before a finish or block reason was cut. */
export function openGeminiStream(context: DecodeContext): StreamDecoder {
  const reader = createReplyReader({ context, keepsPartsApart: false })
  const handling: FrameHandling = {
    frames: createFrameReader({ keepsBytes: context.isNative }),
    readFrame(frame, events) {
      // A proxy's closing mark, which Gemini itself never sends.
      if (frame.data === '' || frame.data === '[DONE]') return 'more'
      const read = reader.read(responseIn(frame.data, context))
      // The start precedes the bytes, what they amount to follows them.
      const startCount = read[0]?.type === 'start' ? 1 : 0
      events.push(...read.slice(0, startCount))
      passFrame(frame, 'gemini-generate', reader.deltas, events)
      events.push(...read.slice(startCount))
      return 'more'
    },
    readEnd(events) {
      events.push(...reader.end())
      return reader.isFinished ? 'complete' : streamCut(context.target.provider.name)
    },
  }
  if (!context.isNative) return createStreamDecoder(handling)
  return createStreamDecoder({ ...handling, passFrames: (chunk, events) => passPlain(reader, chunk, events) })
}

/** Passes what says nothing but text; of its counts, which grow from piece to piece, the last ones are read. */
function passPlain(reader: ReplyReader, chunk: Uint8Array, events: ChatEvent[]): number {
  if (!reader.hasBegun) return 0
  const { frames, bytes, usageText } = plainRepliesOf(chunk)
  if (frames === 0) return 0
  const usage = usageText === undefined ? undefined : asObject(parseJson(usageText))
  const passed = bytes === chunk.length ? chunk : chunk.subarray(0, bytes)
  events.push({ type: 'native', dialect: 'gemini-generate', bytes: passed, deltas: frames })
  reader.readUsage(usage, events)
  return bytes
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
