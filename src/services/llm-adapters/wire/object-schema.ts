/** The schema of a tool's arguments, which providers want to be that of an object. */
import type { JsonObject } from '#core/domain/json.ts'

/** A schema without a type (a tool that takes nothing is often declared so) becomes that of an object. */
export function objectSchema(schema: JsonObject): JsonObject {
  if (schema['type'] !== undefined || schema['$ref'] !== undefined) return schema
  return { type: 'object', ...(schema['properties'] === undefined ? { properties: {} } : {}), ...schema }
}
