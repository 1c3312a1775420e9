/** Members of a caller's messages that only some providers know, taken out for the others. */
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { NativeRequest } from '#core/domain/chat.ts'
import type { ProviderQuirk } from '#core/domain/target.ts'

/** Whether a member stands in the words of a caller's earlier provider and this one refuses it as unknown. */
function isStrange(name: string, quirks: ReadonlySet<ProviderQuirk>): boolean {
  switch (name) {
    // Thinking that comes back in messages and calls.
    case 'reasoning_content':
      return !quirks.has('reply_members_returned') && !quirks.has('reasoning_content_returned')
    case 'reasoning_details':
    case 'extra_content':
      return !quirks.has('reply_members_returned')
    case 'cache_control':
      return !quirks.has('takes_cache_marks')
    default:
      return false
  }
}

type Taken = (name: string) => boolean

/** `messages` and `tools` without what this provider does not know; undefined when nothing must change. */
export function cleanedMembers(
  native: NativeRequest,
  quirks: ReadonlySet<ProviderQuirk>,
): Readonly<Record<string, JsonValue>> | undefined {
  const isTaken: Taken = (name) => isStrange(name, quirks)
  const messages = asArray(native.body['messages'])
  const tools = asArray(native.body['tools'])
  const hasEchoes =
    quirks.has('no_answer_echoes') && echoNames.some((name) => native.text.includes(`"${name}"`))
  const areMessagesClean = !hasEchoes && !messages.some((message) => hasTakenInside(message, isTaken))
  const isTakenMark: Taken = (name) => name === 'cache_control' && isTaken(name)
  const areToolsClean = !tools.some((tool) => hasTaken(tool, isTakenMark))
  if (areMessagesClean && areToolsClean) return undefined
  const cleaned: Record<string, JsonValue> = {}
  if (!areMessagesClean) {
    const plain = hasEchoes ? messages.map(withoutEchoes) : messages
    cleaned['messages'] = plain.map((message) => cleanMessage(message, isTaken))
  }
  if (!areToolsClean) cleaned['tools'] = tools.map((tool) => without(tool, isTakenMark))
  return cleaned
}

function hasTaken(value: JsonValue, isTaken: Taken): boolean {
  // Parsed objects inherit nothing enumerable, and `in` order costs no array of names.
  for (const name in asObject(value)) if (isTaken(name)) return true
  return false
}

/** In a message, in a part of its content or in one of its calls. */
function hasTakenInside(message: JsonValue, isTaken: Taken): boolean {
  const body = asObject(message)
  if (!body) return false
  const isInside = (part: JsonValue) => hasTaken(part, isTaken)
  return (
    hasTaken(body, isTaken) ||
    asArray(body['content']).some(isInside) ||
    asArray(body['tool_calls']).some(isInside)
  )
}

function cleanMessage(message: JsonValue, isTaken: Taken): JsonValue {
  const body = asObject(without(message, isTaken))
  if (!body) return message
  const { content, tool_calls: calls } = body
  return {
    ...body,
    ...(Array.isArray(content) ? { content: content.map((part: JsonValue) => without(part, isTaken)) } : {}),
    ...(Array.isArray(calls) ? { tool_calls: calls.map((call: JsonValue) => without(call, isTaken)) } : {}),
  }
}

function without(value: JsonValue, isTaken: Taken): JsonValue {
  const body: JsonObject | undefined = asObject(value)
  if (!body) return value
  return Object.fromEntries(Object.entries(body).filter(([name]) => !isTaken(name)))
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
  return body && called ? { ...body, function: without(called, (name) => name === 'parsed_arguments') } : call
}
