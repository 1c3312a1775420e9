/** The commonest schema: an object with these members and no others. */
import type { JsonObject } from '../../../src/core/domain/json.ts'

export function closed<Properties extends JsonObject>(required: readonly string[], properties: Properties) {
  return { type: 'object', required, additionalProperties: false, properties } as const
}
