/** A streamed response passed on as it came, read only at its beginning and its end. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { DecodeContext, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { explainOpenAiError } from '#services/llm-adapters/openai-chat/explain.ts'
import { addEnding, failed, startOfResponse } from '#services/llm-adapters/openai-responses/decode.ts'
import { isCallOfCaller } from '#services/llm-adapters/openai-responses/output-item.ts'
import { failStream } from '#services/llm-adapters/openai-responses/stream.ts'
import { asBuffer } from '#services/llm-adapters/wire/byte-hold.ts'
import { frameObject } from '#services/llm-adapters/wire/frame-object.ts'
import { passFrame } from '#services/llm-adapters/wire/pass-frame.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'
import { createStreamDecoder, streamCut } from '#services/llm-adapters/wire/stream-decoder.ts'
import type { StreamStep } from '#services/llm-adapters/wire/stream-decoder.ts'

/** Failures are kept back for the door to tell; everything else passes byte for byte. */
export function openNativeResponse(context: DecodeContext): StreamDecoder {
  let isStarted = false
  let hasCalls = false

  const readEvent = (event: JsonObject, type: string, frame: Frame, events: ChatEvent[]): StreamStep => {
    const response = asObject(event['response'])
    if (response && !isStarted) {
      isStarted = true
      events.push(startOfResponse(response))
    }
    if (asObject(event['item']) && isCallOfCaller(asObject(event['item']) ?? {})) hasCalls = true
    if (type === 'response.failed') {
      addEnding({ ...response, status: 'failed' }, endingOf(hasCalls), events)
      return asObject(response?.['error']) ? explainOpenAiError(response, context.target) : failed(context)
    }
    passFrame(frame, 'openai-responses', 0, events)
    if (type !== 'response.completed' && type !== 'response.incomplete') return 'more'
    const calls = asArray(response?.['output']).some((item) => isCallOfCaller(asObject(item) ?? {}))
    addEnding(response ?? {}, endingOf(hasCalls || calls), events)
    return 'complete'
  }

  return createStreamDecoder({
    frames: createFrameReader({ keepsBytes: true }),
    passFrames(chunk, events) {
      const deltas = isStarted ? countDeltaFrames(asBuffer(chunk)) : undefined
      if (deltas === undefined) return 0
      events.push({ type: 'native', dialect: 'openai-responses', bytes: chunk, deltas })
      return chunk.length
    },
    readFrame(frame, events) {
      if (isStarted && frame.event?.endsWith('.delta')) {
        passFrame(frame, 'openai-responses', 1, events)
        return 'more'
      }
      if (frame.data === '' || frame.data === '[DONE]') {
        passFrame(frame, 'openai-responses', 0, events)
        return 'more'
      }
      const event = frameObject(frame, context.target.provider.name)
      const type = asString(event['type']) ?? frame.event ?? ''
      if (type === 'error' || asObject(event['error'])) return failStream(event, context, events)
      return readEvent(event, type, frame, events)
    },
    readEnd: () => streamCut(context.target.provider.name),
  })
}

function endingOf(hasCalls: boolean): { finish(): void; readonly hasCalls: boolean } {
  return { finish: () => undefined, hasCalls }
}

const eventStart = Buffer.from('event: response.')
const deltaEnd = Buffer.from('.delta\n')
const frameEnd = Buffer.from('\n\n')

/** The number of frames when all of them are whole and named as deltas; undefined when the chunk must be read. */
function countDeltaFrames(chunk: Buffer): number | undefined {
  let count = 0
  for (let from = 0; from < chunk.length;) {
    const line = chunk.indexOf('\n', from)
    const end = chunk.indexOf(frameEnd, from)
    if (line === -1 || end === -1 || line >= end) return undefined
    const isDelta =
      eventStart.compare(chunk, from, from + eventStart.length) === 0 &&
      deltaEnd.compare(chunk, line + 1 - deltaEnd.length, line + 1) === 0
    if (!isDelta) return undefined
    count += 1
    from = end + frameEnd.length
  }
  return count === 0 ? undefined : count
}
