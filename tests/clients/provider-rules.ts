/** Whether a provider of this stage would take a body: its own reference, and what is known beyond it. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Dialect } from '#core/domain/chat.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Target } from '#tests/clients/targets.ts'
import { mistralChatSchema } from '#tests/support/provider-schemas/mistral-chat.ts'
import { faultsOfBody, hasSchema } from '#tests/support/provider-schemas/validate-body.ts'

const mistral = new Ajv2020({ allErrors: false, strict: false }).compile(mistralChatSchema)

/** What is wrong with the body; empty when nothing is. */
export function faultsFor(target: Target, dialect: Dialect, body: JsonValue | undefined): readonly string[] {
  if (target.name === 'mistral') {
    if (mistral(body)) return []
    return (mistral.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath, message, JSON.stringify(params)].join(' '),
    )
  }
  if (!hasSchema(dialect)) return []
  return faultsOfBody(dialect, withoutUnread[dialect]?.(asObject(body) ?? {}) ?? body)
}

/** What clients send to the provider itself every day, although its reference does not say so. */
const withoutUnread: Readonly<Partial<Record<Dialect, (body: JsonObject) => JsonObject>>> = {
  'openai-chat': (body) => ({ ...body, messages: asArray(body['messages']).map(plainMessage) }),
  'gemini-generate': ({ systemInstruction, ...body }) =>
    systemInstruction ? { ...body, systemInstruction: withoutRole(systemInstruction) } : body,
}

/** OpenAI takes its own messages back as it sent them and as its packages and LiteLLM hand them out; LangChain names its tools. */
const echoes: ReadonlySet<string> = new Set(['annotations', 'parsed', 'provider_specific_fields'])

function plainMessage(message: JsonValue): JsonObject {
  const members = Object.entries(asObject(message) ?? {}).filter(([name]) => !echoes.has(name))
  const rest: JsonObject = Object.fromEntries(members)
  const { name: _name, ...unnamed } = rest
  if (rest['role'] === 'tool') return unnamed
  if (rest['tool_calls'] === undefined) return rest
  return { ...rest, tool_calls: asArray(rest['tool_calls']).map(plainCall) }
}

/** Google reads no role here; LangChain writes `system`. */
function withoutRole(instruction: JsonValue): JsonObject {
  const { role: _role, ...rest } = asObject(instruction) ?? {}
  return rest
}

function plainCall(call: JsonValue): JsonObject {
  const members = asObject(call) ?? {}
  const { parsed_arguments: _parsed, ...called } = asObject(members['function']) ?? {}
  const { index: _index, ...rest } = members
  return { ...rest, function: called }
}
