/** A whole reply of Anthropic's Messages API as an answer. */
import type { ChatAnswer } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'
import { asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { DecodeContext, WholeReply } from '#services/llm-adapters/adapter.ts'
import { createBlockReader } from '#services/llm-adapters/anthropic/answer-parts.ts'
import { errorProblem } from '#services/llm-adapters/anthropic/explain.ts'
import { finishOf } from '#services/llm-adapters/anthropic/finish.ts'
import { usageOf } from '#services/llm-adapters/anthropic/usage.ts'
import { createCallIds } from '#services/llm-adapters/wire/call-ids.ts'
import type { CallIds } from '#services/llm-adapters/wire/call-ids.ts'

/** Members of a message that have a word of their own; all others are extras. */
const knownMembers: ReadonlySet<string> = new Set([
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'usage',
])

/** Throws `provider_malformed` for what is not a message, and the Problem of an error that came with a success status. */
export function decodeAnthropic(reply: WholeReply, context: DecodeContext): ChatAnswer {
  const message = asObject(parseJson(Buffer.from(reply.body).toString('utf8')))
  const provider = context.target.provider.name
  if (message?.['type'] === 'error') throw errorProblem(message, undefined, provider)
  const content = message?.['content']
  if (!message || !Array.isArray(content)) {
    throw new Problem('provider_malformed', { detail: 'The reply is not a message.', provider })
  }
  const extras = extrasOf(message)
  const callIds = createCallIds(() => context.mintId())
  return {
    id: asString(message['id']) ?? '',
    model: asString(message['model']) ?? '',
    choices: [
      { index: 0, parts: partsOf(content as readonly JsonValue[], callIds), finish: finishOf(message) },
    ],
    usage: usageOf(asObject(message['usage']) ?? {}),
    ...(extras ? { extras } : {}),
    ...(context.isNative ? { native: { dialect: 'anthropic-messages', bytes: reply.body } } : {}),
  }
}

function partsOf(content: readonly JsonValue[], callIds: CallIds): readonly Part[] {
  const blocks = createBlockReader(callIds)
  const parts: Part[] = []
  for (const value of content) {
    const block = asObject(value)
    const part = block && blocks.partOf(block)
    if (part) parts.push(part)
  }
  return parts
}

/** The members that only Anthropic knows (`container`, `context_management`, ...), when they say anything. */
export function extrasOf(message: JsonObject): JsonObject | undefined {
  let extras: Record<string, JsonValue> | undefined
  for (const [name, value] of Object.entries(message)) {
    if (value === null || value === undefined || knownMembers.has(name)) continue
    extras ??= {}
    extras[name] = value
  }
  return extras
}
