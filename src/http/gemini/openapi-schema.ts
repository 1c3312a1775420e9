/** Gemini's `Schema`, a subset of OpenAPI 3.0 with its own type words, as the JSON Schema that every other API reads. */
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import {
  flagMember,
  listMember,
  member,
  numberMember,
  objectMember,
  pathOf,
  snakeCase,
  textMember,
  textsMember,
  wrongValue,
} from '#http/gemini/wire-members.ts'
import type { Wire } from '#http/gemini/wire-members.ts'

const typeWords = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'] as const

type Draft = { [name: string]: JsonValue | undefined }

/**
 * Throws `invalid_value` naming the member. Members that the subset does not have are kept as they are, so that a
 * caller who writes plain JSON Schema here is understood too. Source: Gemini API reference, `Schema`.
 */
export function jsonSchemaOf(wire: Wire): JsonObject {
  const schema: Draft = {}
  for (const name in wire.value) if (!known.has(name)) schema[name] = wire.value[name]
  const type = typeOf(wire)
  if (type !== undefined) schema['type'] = type
  addWords(schema, wire)
  addLimits(schema, wire)
  const properties = objectMember(wire, 'properties')
  if (properties) schema['properties'] = schemasIn(properties)
  const items = objectMember(wire, 'items')
  if (items) schema['items'] = jsonSchemaOf(items)
  const choices = listMember(wire, 'anyOf')
  if (choices) schema['anyOf'] = choices.map(jsonSchemaOf)
  const required = textsMember(wire, 'required')
  if (required) schema['required'] = required
  if (flagMember(wire, 'nullable') === true) allowNull(schema)
  return schema
}

const limitNames = [
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
] as const

/** Members that are written here; snake case is the other spelling of the same. */
const known: ReadonlySet<string> = new Set(
  [
    'type',
    'nullable',
    'properties',
    'items',
    'anyOf',
    'required',
    'enum',
    'format',
    'title',
    'description',
    'pattern',
    'default',
    'example',
    'propertyOrdering',
    ...limitNames,
  ].flatMap((name) => [name, snakeCase(name)]),
)

function typeOf(wire: Wire): JsonValue | undefined {
  const value = member(wire, 'type')
  if (value === undefined || value === 'TYPE_UNSPECIFIED') return undefined
  if (typeof value === 'string') return typeWord(value, wire)
  if (Array.isArray(value)) return value.map((word: JsonValue) => typeWord(word, wire))
  throw wrongType(wire)
}

function typeWord(value: JsonValue, wire: Wire): string {
  const word = typeof value === 'string' ? typeWords.find((name) => name === value.toLowerCase()) : undefined
  if (word === undefined) throw wrongType(wire)
  return word
}

const wrongType = (wire: Wire) =>
  wrongValue(pathOf(wire, 'type'), `one of ${typeWords.map((word) => word.toUpperCase()).join(', ')}`)

function addWords(schema: Draft, wire: Wire): void {
  const format = textMember(wire, 'format')
  // The API writes `enum` here for strings with listed values, which is no format anywhere else.
  if (format !== undefined && format !== 'enum') schema['format'] = format
  for (const name of ['title', 'description', 'pattern'] as const) {
    const text = textMember(wire, name)
    if (text !== undefined) schema[name] = text
  }
  const values = member(wire, 'enum')
  if (values !== undefined) {
    if (!Array.isArray(values)) throw wrongValue(pathOf(wire, 'enum'), 'a list of values')
    schema['enum'] = values
  }
  if (wire.value['default'] !== undefined) schema['default'] = wire.value['default']
  if (wire.value['example'] !== undefined) schema['examples'] = [wire.value['example']]
}

function addLimits(schema: Draft, wire: Wire): void {
  for (const name of limitNames) {
    const limit = numberMember(wire, name)
    if (limit !== undefined) schema[name] = limit
  }
}

function schemasIn(properties: Wire): JsonObject {
  const schemas: Draft = {}
  for (const name in properties.value) {
    const property = asObject(properties.value[name])
    if (!property) throw wrongValue(pathOf(properties, name), 'a schema')
    schemas[name] = jsonSchemaOf({ value: property, path: pathOf(properties, name) })
  }
  return schemas
}

function allowNull(schema: Draft): void {
  const { type, anyOf } = schema
  if (typeof type === 'string' && type !== 'null') schema['type'] = [type, 'null']
  else if (Array.isArray(type)) schema['type'] = [...new Set<JsonValue>([...asArray(type), 'null'])]
  else if (Array.isArray(anyOf)) schema['anyOf'] = [...asArray(anyOf), { type: 'null' }]
  // A list of values that leaves null out would take back what the type allows.
  const values = schema['enum']
  if (Array.isArray(values)) schema['enum'] = [...new Set<JsonValue>([...asArray(values), null])]
}
