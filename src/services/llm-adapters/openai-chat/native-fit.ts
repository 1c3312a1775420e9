/** The few changes that a cousin needs in a request that was written for OpenAI. */
import { asArray, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { ProviderQuirk } from '#core/domain/target.ts'
import { nineCharacterId } from '#services/llm-adapters/wire/tool-ids.ts'

/** Members to replace in the caller's own body; empty when the provider takes it as it is. */
export function fittedMembers(
  body: JsonObject,
  quirks: ReadonlySet<ProviderQuirk>,
): Readonly<Record<string, JsonValue>> {
  const changes: Record<string, JsonValue> = {}
  const messages = fittedMessages(asArray(body['messages']), quirks)
  if (messages) changes['messages'] = messages
  const choice = asObject(body['tool_choice'])
  if (choice && quirks.has('no_named_tool_choice')) {
    const name = nameOf(choice)
    const tools = asArray(body['tools']).filter((tool) => name === undefined || nameOf(tool) === name)
    changes['tool_choice'] = 'required'
    changes['tools'] = tools
  }
  const seed = asNumber(body['seed'])
  if (seed !== undefined && quirks.has('random_seed_word')) changes['random_seed'] = seed
  return changes
}

/** Members of the caller's own body that the provider refuses as unknown. */
export function unwantedMembers(body: JsonObject, quirks: ReadonlySet<ProviderQuirk>): readonly string[] {
  const unwanted: string[] = []
  if (quirks.has('random_seed_word') && body['seed'] !== undefined) unwanted.push('seed')
  if (quirks.has('no_stream_options') && body['stream_options'] !== undefined) unwanted.push('stream_options')
  if (!quirks.has('no_end_user')) return unwanted
  for (const name of endUserMembers) if (body[name] !== undefined) unwanted.push(name)
  return unwanted
}

const endUserMembers = ['user', 'safety_identifier'] as const

/** `{type: "function", function: {name}}`, both as a tool and as a choice. */
function nameOf(tool: JsonValue): string | undefined {
  const body = asObject(tool)
  return asString(asObject(body?.['function'])?.['name']) ?? asString(asObject(body?.['custom'])?.['name'])
}

function fittedMessages(
  messages: readonly JsonValue[],
  quirks: ReadonlySet<ProviderQuirk>,
): readonly JsonValue[] | undefined {
  const hasShortIds = quirks.has('nine_character_tool_ids')
  const hasNoDeveloper = quirks.has('no_developer_role')
  if (!hasShortIds && !hasNoDeveloper) return undefined
  let isChanged = false
  const fitted = messages.map((message) => {
    const body = asObject(message)
    if (!body) return message
    const renamed = hasNoDeveloper && body['role'] === 'developer' ? { ...body, role: 'system' } : body
    const next = hasShortIds ? withShortIds(renamed) : renamed
    if (next !== body) isChanged = true
    return next
  })
  return isChanged ? fitted : undefined
}

function withShortIds(message: JsonObject): JsonObject {
  const callId = asString(message['tool_call_id'])
  if (callId !== undefined && callId !== nineCharacterId(callId)) {
    return { ...message, tool_call_id: nineCharacterId(callId) }
  }
  const calls = asArray(message['tool_calls'])
  const isLong = (call: JsonValue) => {
    const id = asString(asObject(call)?.['id'])
    return id !== undefined && id !== nineCharacterId(id)
  }
  if (!calls.some(isLong)) return message
  return {
    ...message,
    tool_calls: calls.map((call) => {
      const body = asObject(call)
      const id = asString(body?.['id'])
      return body && id !== undefined ? { ...body, id: nineCharacterId(id) } : call
    }),
  }
}
