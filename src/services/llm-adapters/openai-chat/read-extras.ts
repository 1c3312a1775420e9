/** The members of a chat completion that only this dialect knows. */
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

/** Members that have a common form, or that are mere padding against eavesdroppers. */
const known: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'error',
  'obfuscation',
  'p',
])

/** Every other member of a reply or chunk with a value; undefined when there is none. */
export function extrasOfChat(body: JsonObject): JsonObject | undefined {
  let extras: { [name: string]: JsonValue } | undefined
  for (const name in body) {
    const value = body[name]
    if (known.has(name) || value === null || value === undefined || value === '') continue
    extras ??= {}
    extras[name] = value
  }
  return extras
}
