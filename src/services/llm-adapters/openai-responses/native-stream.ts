/** A streamed response passed on as it came, read only at its beginning and its end. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { DecodeContext, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { explainOpenAiError } from '#services/llm-adapters/openai-chat/explain.ts'
import { addEnding, failed, startOfResponse } from '#services/llm-adapters/openai-responses/decode.ts'
import { isCallOfCaller } from '#services/llm-adapters/openai-responses/output-item.ts'
import { failStream } from '#services/llm-adapters/openai-responses/stream.ts'
import { createDeltaFrameCount } from '#services/llm-adapters/wire/delta-frames.ts'
import { frameObject } from '#services/llm-adapters/wire/frame-object.ts'
import { passDeltaFrames, passFrame } from '#services/llm-adapters/wire/pass-frame.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'
import { createStreamDecoder, streamCut } from '#services/llm-adapters/wire/stream-decoder.ts'
import type { StreamStep } from '#services/llm-adapters/wire/stream-decoder.ts'

/** The frequent events, the most frequent first; others that bring pieces end in the same word and are read. */
const deltaFrames = createDeltaFrameCount([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta',
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
  'response.mcp_call_arguments.delta',
  'response.code_interpreter_call_code.delta',
  'response.audio.delta',
  'response.audio.transcript.delta',
])

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
    passFrames: passDeltaFrames('openai-responses', deltaFrames, () => isStarted),
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
