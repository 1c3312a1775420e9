/** A streamed chat completion as the events of an answer, for callers of any dialect. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asCount, asNumber, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { DecodeContext, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { createChoiceReader } from '#services/llm-adapters/openai-chat/choice-reader.ts'
import type { ChoiceReader } from '#services/llm-adapters/openai-chat/choice-reader.ts'
import { isErrorBody, malformed } from '#services/llm-adapters/openai-chat/decode.ts'
import { explainOpenAiError } from '#services/llm-adapters/openai-chat/explain.ts'
import { linkCitations } from '#services/llm-adapters/openai-chat/link-citations.ts'
import { extrasOfChat } from '#services/llm-adapters/openai-chat/read-extras.ts'
import { hasUsage, usageOfChat } from '#services/llm-adapters/openai-chat/read-usage.ts'
import { frameObject } from '#services/llm-adapters/wire/frame-object.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'
import { createStreamDecoder, streamCut } from '#services/llm-adapters/wire/stream-decoder.ts'

/** Reads the union of all known cousins: every member may be missing, repeated or in another place. */
export function openTranslatedStream(context: DecodeContext): StreamDecoder {
  const chunks = createChunkReader(context)
  return createStreamDecoder({
    frames: createFrameReader(),
    readFrame(frame, events) {
      if (frame.data === '[DONE]') return chunks.finishAll(events) ?? 'complete'
      const failure = failureOf(frame, context)
      if (failure) return failure
      const chunk = frameObject(frame, context.target.provider.name)
      chunks.add(chunk, events)
      return errorOf(chunk, context) ?? 'more'
    },
    readEnd: () => (chunks.isFinished() ? 'complete' : streamCut(context.target.provider.name)),
  })
}

/** A failure told in the frame itself: `event: error` (Groq), or a line `error: {...}` (llama-box). */
export function failureOf(frame: Frame, context: DecodeContext): Problem | undefined {
  const field = frame.fields?.find(({ name }) => name === 'error')
  if (field) return explainOpenAiError(parseJson(field.value) ?? field.value, context.target)
  if (frame.event === 'error') return explainOpenAiError(parseJson(frame.data) ?? frame.data, context.target)
  return undefined
}

/** A failure told in a chunk, or in one of its choices. */
export function errorOf(chunk: JsonObject, context: DecodeContext): Problem | undefined {
  if (isErrorBody(chunk)) return explainOpenAiError(chunk, context.target)
  for (const choice of asArray(chunk['choices'])) {
    const body = asObject(choice)
    if (body && asObject(body['error'])) return explainOpenAiError(body, context.target)
  }
  return undefined
}

interface ChunkReader {
  add(chunk: JsonObject, events: ChatEvent[]): void
  /** The end was announced: whatever had no finish gets one. A Problem when nothing was ever said. */
  finishAll(events: ChatEvent[]): Problem | undefined
  /** Every choice that was begun has ended. */
  isFinished(): boolean
}

function createChunkReader(context: DecodeContext): ChunkReader {
  const { quirks } = context.target.provider
  const choices = new Map<number, ChoiceReader>()
  let isStarted = false
  let hasLinks = false

  const readerOf = (choice: number): ChoiceReader => {
    let reader = choices.get(choice)
    if (!reader) {
      const splitsThinkTags = quirks.has('think_tags')
      reader = createChoiceReader({ choice, mintId: () => context.mintId(), splitsThinkTags })
      choices.set(choice, reader)
    }
    return reader
  }

  const readChoice = (choice: JsonObject, chunk: JsonObject, events: ChatEvent[]): void => {
    const index = asCount(choice['index']) ?? 0
    const reader = readerOf(index)
    const delta = asObject(choice['delta']) ?? asObject(choice['message'])
    if (delta) reader.add(delta, events)
    const logprobs = choice['logprobs']
    if (logprobs) reader.addLogprobs(asObject(logprobs) ?? {})
    const raw = asString(choice['finish_reason'])
    if (raw === undefined) return
    if (!hasLinks && chunk['citations']) {
      hasLinks = true
      events.push(...linkCitations(chunk, index))
    }
    reader.finish(raw, events)
  }

  return {
    add(chunk, events) {
      const list = asArray(chunk['choices'])
      // Azure sends the verdict on the prompt first, in a chunk without id or choices.
      if (!isStarted && (list.length > 0 || chunk['id'])) {
        isStarted = true
        events.push(startOf(chunk))
        addExtras(chunk, events)
      }
      for (const choice of list) readChoice(asObject(choice) ?? {}, chunk, events)
      if (!hasUsage(chunk)) return
      const usage = usageOfChat(chunk, quirks)
      if (usage) events.push({ type: 'usage', usage })
    },
    finishAll(events) {
      if (choices.size === 0) return malformed('The provider ended its stream without an answer.')
      for (const reader of choices.values()) reader.finish(null, events)
      return undefined
    },
    isFinished: () => choices.size > 0 && [...choices.values()].every((reader) => reader.isFinished),
  }
}

export function startOf(chunk: JsonObject): ChatEvent {
  return {
    type: 'start',
    id: asString(chunk['id']) ?? '',
    model: asString(chunk['model']) ?? '',
    createdAtS: asNumber(chunk['created']),
  }
}

function addExtras(chunk: JsonObject, events: ChatEvent[]): void {
  const extras = extrasOfChat(chunk)
  if (extras) events.push({ type: 'extras', extras })
}
