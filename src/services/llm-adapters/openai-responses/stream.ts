/** A streamed response as the events of an answer, for callers of any dialect. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { DecodeContext, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { explainOpenAiError } from '#services/llm-adapters/openai-chat/explain.ts'
import { beginItem, completeItem } from '#services/llm-adapters/openai-responses/complete-item.ts'
import { addEnding, failed, startOfResponse } from '#services/llm-adapters/openai-responses/decode.ts'
import { createOutputReader } from '#services/llm-adapters/openai-responses/output-reader.ts'
import type { OutputReader } from '#services/llm-adapters/openai-responses/output-reader.ts'
import { createCallIds } from '#services/llm-adapters/wire/call-ids.ts'
import { frameObject } from '#services/llm-adapters/wire/frame-object.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import { createStreamDecoder, streamCut } from '#services/llm-adapters/wire/stream-decoder.ts'
import type { StreamStep } from '#services/llm-adapters/wire/stream-decoder.ts'

export function openTranslatedResponse(context: DecodeContext): StreamDecoder {
  const output = createOutputReader(createCallIds(() => context.mintId()))
  let isStarted = false

  const start = (event: JsonObject, events: ChatEvent[]): void => {
    if (isStarted) return
    isStarted = true
    events.push(startOfResponse(asObject(event['response']) ?? {}))
  }

  return createStreamDecoder({
    frames: createFrameReader(),
    readFrame(frame, events) {
      if (frame.data === '' || frame.data === '[DONE]') return 'more'
      const event = frameObject(frame, context.target.provider.name)
      const type = asString(event['type']) ?? frame.event ?? ''
      if (type === 'error' || asObject(event['error'])) return failStream(event, context, events)
      start(event, events)
      return readResponseEvent(type, event, { output, context, events })
    },
    readEnd: () => streamCut(context.target.provider.name),
  })
}

interface Reading {
  readonly output: OutputReader
  readonly context: DecodeContext
  readonly events: ChatEvent[]
}

function readResponseEvent(type: string, event: JsonObject, reading: Reading): StreamStep {
  const { output, context, events } = reading
  switch (type) {
    case 'response.output_item.added':
      beginItem(output, indexOf(event), asObject(event['item']) ?? {}, events)
      return 'more'
    case 'response.output_item.done':
      completeItem(output, indexOf(event), asObject(event['item']) ?? {}, events)
      return 'more'
    case 'response.completed':
    case 'response.incomplete':
      return endResponse(asObject(event['response']) ?? {}, reading)
    case 'response.failed': {
      const response = asObject(event['response']) ?? {}
      addEnding({ ...response, status: 'failed' }, output, events)
      return asObject(response['error']) ? explainOpenAiError(response, context.target) : failed(context)
    }
    default:
      readDelta(type, event, reading)
      return 'more'
  }
}

function readDelta(type: string, event: JsonObject, { output, events }: Reading): void {
  const index = indexOf(event)
  const part = asNumber(event['content_index']) ?? 0
  const text = asString(event['delta']) ?? ''
  switch (type) {
    case 'response.output_text.delta':
      output.addText(index, part, text, events)
      output.addLogprobs(index, asArray(event['logprobs']))
      return
    case 'response.refusal.delta':
      output.addRefusal(index, part, text, events)
      return
    case 'response.reasoning_summary_text.delta':
    case 'response.reasoning_text.delta':
      output.addReasoning(index, text, events)
      return
    case 'response.function_call_arguments.delta':
    case 'response.custom_tool_call_input.delta':
      output.addArguments(index, text, events)
      return
    case 'response.output_text.annotation.added':
      output.addCitation(index, asObject(event['annotation']) ?? {}, events)
      return
    default:
  }
}

/** Items that no event has completed are taken from the whole response; some servers send them only there. */
function endResponse(response: JsonObject, { output, events }: Reading): StreamStep {
  const items = asArray(response['output'])
  const numbers = output.numbersOf(items.length)
  for (const [position, item] of items.entries()) {
    completeItem(output, numbers[position] ?? position, asObject(item) ?? {}, events)
  }
  addEnding(response, output, events)
  return 'complete'
}

/** The error event stands for a failed response; what OpenAI sends after it says the same again. */
export function failStream(event: JsonObject, context: DecodeContext, events: ChatEvent[]): Problem {
  events.push({ type: 'finish', choice: 0, finish: { unified: 'error', raw: 'failed' } })
  return explainOpenAiError(event, context.target)
}

function indexOf(event: JsonObject): number {
  return asNumber(event['output_index']) ?? 0
}
