/** A whole response as an answer. */
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import { asArray, asNumber, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { DecodeContext, WholeReply } from '#services/llm-adapters/adapter.ts'
import { explainOpenAiError } from '#services/llm-adapters/openai-chat/explain.ts'
import { completeItem } from '#services/llm-adapters/openai-responses/complete-item.ts'
import { createOutputReader } from '#services/llm-adapters/openai-responses/output-reader.ts'
import { finishOfResponse } from '#services/llm-adapters/openai-responses/read-finish.ts'
import { usageOfResponse } from '#services/llm-adapters/openai-responses/read-usage.ts'
import { createCallIds } from '#services/llm-adapters/wire/call-ids.ts'
import { asBuffer } from '#services/llm-adapters/wire/byte-hold.ts'

/** Throws `provider_malformed` when the body is no response, and the explained Problem when it has failed. */
export function decodeOpenAiResponse(reply: WholeReply, context: DecodeContext): ChatAnswer {
  const body = asObject(parseJson(asBuffer(reply.body).toString('utf8')))
  if (!body)
    throw new Problem('provider_malformed', { detail: 'The provider sent a body that is not a JSON object.' })
  if (asObject(body['error'])) throw explainOpenAiError(body, context.target)
  if (body['status'] === 'failed') throw failed(context)
  if (!Array.isArray(body['output'])) {
    throw new Problem('provider_malformed', { detail: 'The provider sent a response without output.' })
  }
  const events: ChatEvent[] = [startOfResponse(body)]
  const output = createOutputReader(createCallIds(() => context.mintId()))
  for (const [index, item] of asArray(body['output']).entries()) {
    completeItem(output, index, asObject(item) ?? {}, events)
  }
  addEnding(body, output, events)
  const builder = createAnswerBuilder()
  for (const event of events) builder.add(event)
  const answer = builder.build()
  return context.isNative ? { ...answer, native: { dialect: 'openai-responses', bytes: reply.body } } : answer
}

export function startOfResponse(response: JsonObject): ChatEvent {
  return {
    type: 'start',
    id: asString(response['id']) ?? '',
    model: asString(response['model']) ?? '',
    createdAtS: asNumber(response['created_at']),
  }
}

/** Finish, usage and extras, from the response as it stands at its end. */
export function addEnding(
  response: JsonObject,
  output: { finish(events: ChatEvent[]): void; readonly hasCalls: boolean },
  events: ChatEvent[],
): void {
  output.finish(events)
  events.push({ type: 'finish', choice: 0, finish: finishOfResponse(response, output.hasCalls) })
  const usage = usageOfResponse(response)
  if (usage) events.push({ type: 'usage', usage })
  const extras = extrasOf(response)
  if (extras) events.push({ type: 'extras', extras })
}

export function failed(context: DecodeContext): Problem {
  const provider = context.target.provider.name
  return new Problem('provider_error', { provider, detail: `${provider}: the response has failed.` })
}

const extraNames = ['service_tier', 'conversation', 'previous_response_id', 'moderation', 'metadata'] as const

function extrasOf(response: JsonObject): JsonObject | undefined {
  const extras: { [name: string]: JsonValue } = {}
  for (const name of extraNames) {
    const value = response[name]
    if (value !== undefined && value !== null) extras[name] = value
  }
  return Object.keys(extras).length === 0 ? undefined : extras
}
