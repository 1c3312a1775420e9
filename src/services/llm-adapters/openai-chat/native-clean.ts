/** Members of a caller's messages that only some providers know, taken out for the others. */
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { NativeRequest } from '#core/domain/chat.ts'
import type { ProviderQuirk } from '#core/domain/target.ts'

/** Members of messages and calls in which thinking comes back; most providers refuse them as unknown. */
const thinkingNames = ['reasoning_details', 'reasoning_content', 'extra_content'] as const

/** Names of members to leave out wherever they stand in messages and tools; none for most requests. */
function strangeNames(native: NativeRequest, quirks: ReadonlySet<ProviderQuirk>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const name of thinkingNames) if (native.text.includes(`"${name}"`)) names.add(name)
  if (native.text.includes('"cache_control"')) names.add('cache_control')
  if (names.size === 0) return names
  if (quirks.has('reply_members_returned')) for (const name of thinkingNames) names.delete(name)
  if (quirks.has('reasoning_content_returned')) names.delete('reasoning_content')
  if (quirks.has('takes_cache_marks')) names.delete('cache_control')
  return names
}

/** `messages` and `tools` without what this provider does not know; undefined when nothing must change. */
export function cleanedMembers(
  native: NativeRequest,
  quirks: ReadonlySet<ProviderQuirk>,
): Readonly<Record<string, JsonValue>> | undefined {
  const names = strangeNames(native, quirks)
  const hasEchoes =
    quirks.has('no_answer_echoes') && echoNames.some((name) => native.text.includes(`"${name}"`))
  if (names.size === 0 && !hasEchoes) return undefined
  const { messages, tools } = native.body
  const cleaned: Record<string, JsonValue> = {}
  if (messages !== undefined) {
    const plain = hasEchoes ? asArray(messages).map(withoutEchoes) : asArray(messages)
    cleaned['messages'] = plain.map((one) => cleanMessage(one, names))
  }
  if (tools !== undefined && names.has('cache_control')) {
    cleaned['tools'] = asArray(tools).map((one) => without(one, names))
  }
  return cleaned
}

function cleanMessage(message: JsonValue, names: ReadonlySet<string>): JsonValue {
  const body = asObject(without(message, names))
  if (!body) return message
  const { content, tool_calls: calls } = body
  return {
    ...body,
    ...(Array.isArray(content) ? { content: content.map((part: JsonValue) => without(part, names)) } : {}),
    ...(Array.isArray(calls) ? { tool_calls: calls.map((call: JsonValue) => without(call, names)) } : {}),
  }
}

function without(value: JsonValue, names: ReadonlySet<string>): JsonValue {
  const body: JsonObject | undefined = asObject(value)
  if (!body) return value
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.has(name)))
}

/** What OpenAI puts into its answers, and clients beside it; they send all of it back. */
const echoNames = [
  'annotations',
  'refusal',
  'audio',
  'function_call',
  'parsed',
  'parsed_arguments',
  'provider_specific_fields',
] as const
/** What only clients put there, whatever it holds. */
const clientNames: ReadonlySet<string> = new Set(['parsed', 'provider_specific_fields'])
const echoes: ReadonlySet<string> = new Set(echoNames)

/** Without those that say nothing: a refusal in words or a call in the old form stays, and is refused where it goes. */
function withoutEchoes(message: JsonValue): JsonValue {
  const body = asObject(message)
  if (body?.['role'] !== 'assistant') return message
  const plain = Object.fromEntries(Object.entries(body).filter(([name, value]) => !isEcho(name, value)))
  const calls = body['tool_calls']
  return Array.isArray(calls) ? { ...plain, tool_calls: calls.map(callWithoutEchoes) } : plain
}

const isEcho = (name: string, value: JsonValue | undefined): boolean =>
  echoes.has(name) && (value === null || clientNames.has(name) || Array.isArray(value))

function callWithoutEchoes(call: JsonValue): JsonValue {
  const body = asObject(call)
  const called = asObject(body?.['function'])
  return body && called ? { ...body, function: without(called, new Set(['parsed_arguments'])) } : call
}
