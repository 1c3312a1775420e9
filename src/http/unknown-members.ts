/** Members of a body that its surface has no words for: they reach a provider of the same API, and nobody else. */
import type { JsonObject } from '#core/domain/json.ts'

export function unknownMembers(body: JsonObject, known: ReadonlySet<string>): readonly string[] {
  return Object.keys(body).filter((name) => !known.has(name) && body[name] !== null)
}
