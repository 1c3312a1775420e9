/** The settings as a tree of fields with form, default and sentence, read from the schema's own JSON Schema. */
import { z } from 'zod'
import { adminConfigSchema } from '#config/schema.ts'

export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: string | number | boolean
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
}

/** The schema of the file as people write it, in the draft that editors understand. */
export function settingsSchema(): JsonSchema {
  return z.toJSONSchema(adminConfigSchema, { io: 'input', target: 'draft-7' }) as JsonSchema
}

/** Sections without values mean the same as sections left out, so an editor must not complain about them. */
export function withEmptySections(schema: JsonSchema): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, inner]) => [
    name,
    withEmptySections(inner),
  ])
  return {
    ...schema,
    ...(schema.type === 'object' || schema.type === 'array' ? { type: [schema.type, 'null'] } : {}),
    ...(schema.properties
      ? { properties: Object.fromEntries(properties) as Record<string, JsonSchema> }
      : {}),
  }
}

/** A section holds settings of its own; everything else is one value. */
export function isSection(schema: JsonSchema): boolean {
  return schema.properties !== undefined
}

/** The forms inside a list or a map, where each entry has settings of its own. */
export function entryOf(schema: JsonSchema): JsonSchema | undefined {
  const inner = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : schema.items
  return inner?.properties ? inner : undefined
}

/** The form of a value in words: `whole number, 0 to 65535`. */
export function formOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map(String).join(', ')
  if (schema.const !== undefined) return String(schema.const)
  if (schema.anyOf) return [...new Set(schema.anyOf.map(formOf))].join(' or ')
  switch (schema.type) {
    case 'integer':
      return `whole number${boundsOf(schema)}`
    case 'number':
      return `number${boundsOf(schema)}`
    case 'boolean':
      return 'true, false'
    case 'array':
      return `list of ${schema.items ? formOf(schema.items) : 'values'}`
    case 'object':
      return schema.properties ? 'section' : `names with ${mapForm(schema)}`
    default:
      return 'text'
  }
}

function mapForm({ additionalProperties: inner }: JsonSchema): string {
  return typeof inner === 'object' ? formOf(inner) : 'values'
}

function boundsOf({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  if (exclusiveMinimum !== undefined) return `, above ${exclusiveMinimum}, at most ${maximum}`
  return minimum === undefined || maximum === undefined ? '' : `, ${minimum} to ${maximum}`
}

/** The default as it would stand in the file; empty when leaving it out means something else. */
export function defaultText(schema: JsonSchema): string {
  return schema.default === undefined ? '' : JSON.stringify(schema.default)
}
