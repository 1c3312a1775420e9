/** The JSON object that a frame of an event stream holds. */
import { asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'

/** Throws `provider_malformed` for data that is anything else. */
export function frameObject({ data }: Frame, provider: string): JsonObject {
  const object = asObject(parseJson(data))
  if (object) return object
  throw new Problem('provider_malformed', {
    detail: 'The provider sent an event that is not a JSON object.',
    provider,
  })
}
