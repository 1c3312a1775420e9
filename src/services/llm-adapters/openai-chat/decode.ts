/** A whole chat completion as an answer. */
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import { asArray, asCount, asNumber, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { DecodeContext, WholeReply } from '#services/llm-adapters/adapter.ts'
import { createChoiceReader } from '#services/llm-adapters/openai-chat/choice-reader.ts'
import { explainOpenAiError } from '#services/llm-adapters/openai-chat/explain.ts'
import { extrasOfChat } from '#services/llm-adapters/openai-chat/read-extras.ts'
import { linkCitations } from '#services/llm-adapters/openai-chat/link-citations.ts'
import { usageOfChat } from '#services/llm-adapters/openai-chat/read-usage.ts'

/** A reply that is a JSON object with choices, and no error. */
export interface Completion {
  readonly body: JsonObject
  readonly bytes: Uint8Array
}

/** Throws `provider_malformed` when the body is no answer, and the explained Problem when it is an error in disguise. */
export function parseCompletion({ body: bytes }: WholeReply, { target }: DecodeContext): Completion {
  const body = asObject(parseJson(textOf(bytes)))
  if (!body) throw malformed('The provider sent a body that is not a JSON object.')
  if (isErrorBody(body)) throw explainOpenAiError(body, target)
  if (asArray(body['choices']).length === 0) throw malformed('The provider sent an answer without choices.')
  return { body, bytes }
}

/** Every word of a completion. Throws as `parseCompletion` does when a choice is no choice. */
export function readCompletion({ body, bytes }: Completion, context: DecodeContext): ChatAnswer {
  const events: ChatEvent[] = [
    {
      type: 'start',
      id: asString(body['id']) ?? '',
      model: asString(body['model']) ?? '',
      createdAtS: asNumber(body['created']),
    },
  ]
  const numbers = new Set<number>()
  for (const [position, value] of asArray(body['choices']).entries()) {
    const choice = asObject(value) ?? {}
    const number = numberOf(choice, numbers)
    numbers.add(number)
    readChoice({ choice, number, isFirst: position === 0 }, body, { context, events })
  }
  const usage = usageOfChat(body, context.target.provider.quirks)
  if (usage) events.push({ type: 'usage', usage })
  const extras = extrasOfChat(body)
  if (extras) events.push({ type: 'extras', extras })

  const builder = createAnswerBuilder()
  for (const event of events) builder.add(event)
  const answer = builder.build()
  return context.isNative ? { ...answer, native: { dialect: 'openai-chat', bytes } } : answer
}

interface Reading {
  readonly context: DecodeContext
  readonly events: ChatEvent[]
}

interface WholeChoice {
  readonly choice: JsonObject
  readonly number: number
  readonly isFirst: boolean
}

function readChoice({ choice, number, isFirst }: WholeChoice, body: JsonObject, reading: Reading): void {
  const { context, events } = reading
  const { target } = context
  if (asObject(choice['error'])) throw explainOpenAiError(choice, target)
  const reader = createChoiceReader({
    choice: number,
    mintId: () => context.mintId(),
    splitsThinkTags: target.provider.quirks.has('think_tags'),
  })
  const message = asObject(choice['message']) ?? asObject(choice['delta'])
  if (!message) throw malformed('The provider sent a choice without a message.')
  const links = isFirst ? linkCitations(body, number) : []
  if (links.length === 0) reader.add(message, events)
  else {
    // The links belong to the text, so they come before calls and media.
    reader.add({ ...message, tool_calls: null }, events)
    events.push(...links)
    reader.add({ tool_calls: message['tool_calls'] }, events)
  }
  const logprobs = asObject(choice['logprobs'])
  if (logprobs) reader.addLogprobs(logprobs)
  reader.finish(asString(choice['finish_reason']) ?? null, events)
}

/** The choice's own number, unless it has none or another choice has it; then the next free one. */
function numberOf(choice: JsonObject, taken: ReadonlySet<number>): number {
  const own = asCount(choice['index'])
  if (own !== null && !taken.has(own)) return own
  let free = taken.size
  while (taken.has(free)) free += 1
  return free
}

/** An error that came with a success status. */
export function isErrorBody(body: JsonObject): boolean {
  const { error } = body
  if (typeof error === 'string' ? error !== '' : asObject(error) !== undefined) return true
  return body['object'] === 'error'
}

export function malformed(detail: string): Problem {
  return new Problem('provider_malformed', { detail })
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
