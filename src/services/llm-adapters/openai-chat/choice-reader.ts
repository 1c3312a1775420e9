/** One choice of a chat completion, whole or in deltas, as the events of an answer. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Writable } from '#core/domain/writable.ts'
import { createCallReader } from '#services/llm-adapters/openai-chat/call-reader.ts'
import { addRefusal, createContentReader } from '#services/llm-adapters/openai-chat/content-reader.ts'
import {
  addAnnotation,
  addImage,
  audioOf,
  extraContentEvent,
} from '#services/llm-adapters/openai-chat/part-events.ts'
import { finishOfChat } from '#services/llm-adapters/openai-chat/read-finish.ts'
import { createReasoningReader } from '#services/llm-adapters/openai-chat/reasoning-reader.ts'

export interface ChoiceReader {
  /** A whole `message` or one `delta`. */
  add(delta: JsonObject, events: ChatEvent[]): void
  addLogprobs(logprobs: JsonObject): void
  /** The provider's last word about this choice; the first one counts. */
  finish(raw: string | null, events: ChatEvent[]): void
  readonly isFinished: boolean
}

export interface ChoiceReaderOptions {
  readonly choice: number
  readonly mintId: () => string
  readonly splitsThinkTags: boolean
}

export function createChoiceReader(options: ChoiceReaderOptions): ChoiceReader {
  const { choice, splitsThinkTags } = options
  const calls = createCallReader(choice, options.mintId)
  const reasoning = createReasoningReader(choice)
  const content = createContentReader({
    choice,
    splitsThinkTags,
    beforeText: (events) => reasoning.flush(events),
  })
  const tokens: JsonValue[] = []
  let logprobsRest: JsonObject = {}

  const reader: Writable<ChoiceReader> = {
    isFinished: false,
    add(delta, events) {
      reasoning.add(delta, events)
      content.add(delta['content'], events)
      addRefusal(choice, delta['refusal'], events)
      const audio = asObject(delta['audio'])
      if (audio) events.push({ type: 'media-delta', choice, media: audioOf(audio) })
      for (const image of asArray(delta['images'])) addImage(choice, asObject(image) ?? {}, events)
      for (const note of asArray(delta['annotations'])) addAnnotation(choice, note, events)
      const wireCalls = asArray(delta['tool_calls'])
      const legacy = asObject(delta['function_call'])
      if (wireCalls.length > 0 || isCall(legacy)) reasoning.flush(events)
      for (const call of wireCalls) calls.add(asObject(call) ?? {}, events)
      if (legacy && isCall(legacy)) calls.add({ function: legacy }, events)
      const extra = asObject(delta['extra_content'])
      if (extra) events.push(extraContentEvent(choice, extra))
    },
    addLogprobs(logprobs) {
      const { content: more, ...rest } = logprobs
      for (const token of asArray(more)) tokens.push(token)
      logprobsRest = rest
    },
    finish(raw, events) {
      if (reader.isFinished) return
      reader.isFinished = true
      content.finish(events)
      reasoning.flush(events)
      calls.finish(events)
      if (tokens.length > 0) {
        const value = { ...logprobsRest, content: tokens }
        const logprobs = { origin: 'openai-chat', tokenCount: tokens.length, value } as const
        events.push({ type: 'logprobs', choice, logprobs })
      }
      events.push({ type: 'finish', choice, finish: finishOfChat(raw, calls.hasCalls) })
    },
  }
  return reader
}

/** The call of the first function-calling API; a server that knows it but did not call sends empty strings. */
function isCall(legacy: JsonObject | undefined): boolean {
  return Boolean(legacy && (legacy['name'] || legacy['arguments']))
}
