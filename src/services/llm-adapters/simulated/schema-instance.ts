/** A small value that fits a JSON Schema: what a simulated model answers where a structure is asked for. */
import { asArray, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

/** Deeper than this, optional parts end; a schema that demands more than this cannot be fitted. */
const depthMax = 24
const itemsMax = 64
const lettersMax = 4_096

const byFormat: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  time: '00:00:00Z',
  duration: 'PT1S',
  email: 'simulated@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

/**
 * Draft 2020-12's usual words: type, const, enum, properties, required, items, prefixItems, lengths, bounds, format,
 * anyOf, oneOf, allOf, local $ref. `pattern` is not read: no value is sought for a regular expression.
 */
export function instanceOf(schema: JsonObject): JsonValue {
  return fit(schema, { root: schema, depth: 0 })
}

interface Place {
  readonly root: JsonObject
  readonly depth: number
}

function fit(given: JsonValue | undefined, place: Place): JsonValue {
  const schema = asObject(given)
  if (!schema || place.depth > depthMax) return null
  const inside: Place = { root: place.root, depth: place.depth + 1 }
  const reference = asString(schema['$ref'])
  if (reference !== undefined) return fit(resolve(reference, place.root), inside)
  if (schema['const'] !== undefined) return schema['const']
  const [allowed] = asArray(schema['enum'])
  if (allowed !== undefined) return allowed
  if (schema['default'] !== undefined) return schema['default']
  const all = asArray(schema['allOf'])
  if (all.length > 0) return fit(merged(schema, all, place.root), inside)
  const choices = [...asArray(schema['anyOf']), ...asArray(schema['oneOf'])]
  if (choices.length > 0) return fit(simplest(choices), inside)
  return ofType(typeOf(schema), schema, inside)
}

function ofType(type: string, schema: JsonObject, inside: Place): JsonValue {
  switch (type) {
    case 'object':
      return objectOf(schema, inside)
    case 'array':
      return arrayOf(schema, inside)
    case 'string':
      return stringOf(schema)
    case 'integer':
    case 'number':
      return numberOf(schema, type === 'integer')
    case 'boolean':
      return true
    default:
      return null
  }
}

function typeOf(schema: JsonObject): string {
  const { type } = schema
  if (typeof type === 'string') return type
  const named = asArray(type).find((name) => name !== 'null')
  if (typeof named === 'string') return named
  if (schema['properties'] !== undefined || schema['required'] !== undefined) return 'object'
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return 'array'
  return type === undefined ? 'string' : 'null'
}

function objectOf(schema: JsonObject, inside: Place): JsonValue {
  const properties = asObject(schema['properties']) ?? {}
  const required = new Set(asArray(schema['required']))
  // Optional members make a believable answer, but a schema that contains itself must end somewhere.
  const names = Object.keys(properties).filter((name) => required.has(name) || inside.depth <= 2)
  for (const name of required) if (typeof name === 'string' && !names.includes(name)) names.push(name)
  return Object.fromEntries(names.map((name) => [name, fit(properties[name] ?? {}, inside)]))
}

function arrayOf(schema: JsonObject, inside: Place): JsonValue {
  const fixed = asArray(schema['prefixItems']).map((item) => fit(item, inside))
  const least = Math.min(itemsMax, asNumber(schema['minItems']) ?? (inside.depth <= 3 ? 1 : 0))
  const most = asNumber(schema['maxItems']) ?? itemsMax
  while (fixed.length < Math.min(least, most) && schema['items'] !== false) {
    fixed.push(fit(schema['items'] ?? {}, inside))
  }
  return fixed
}

function stringOf(schema: JsonObject): string {
  const usual = byFormat[asString(schema['format']) ?? ''] ?? 'simulated'
  const least = Math.min(lettersMax, asNumber(schema['minLength']) ?? 0)
  return usual.padEnd(least, '.').slice(0, asNumber(schema['maxLength']) ?? lettersMax)
}

function numberOf(schema: JsonObject, isWhole: boolean): number {
  const above = asNumber(schema['exclusiveMinimum'])
  const below = asNumber(schema['exclusiveMaximum'])
  const step = asNumber(schema['multipleOf']) ?? (isWhole ? 1 : 0)
  const least = asNumber(schema['minimum']) ?? (above === undefined ? undefined : above + (step || 1e-6))
  const most = asNumber(schema['maximum']) ?? (below === undefined ? undefined : below - (step || 1e-6))
  const wished = Math.min(Math.max(1, least ?? 1), most ?? Number.MAX_SAFE_INTEGER)
  if (step <= 0) return wished
  const fitted = Math.ceil(wished / step) * step
  return most !== undefined && fitted > most ? Math.floor(most / step) * step : fitted
}

/** The alternative that needs the least: never null when something else is allowed, never a reference when a plain one is. */
function simplest(choices: readonly JsonValue[]): JsonValue | undefined {
  const cost = (choice: JsonValue) => {
    const schema = asObject(choice)
    if (schema?.['type'] === 'null') return 3
    return schema?.['$ref'] === undefined ? 0 : 1
  }
  return choices.toSorted((a, b) => cost(a) - cost(b))[0]
}

function merged(schema: JsonObject, all: readonly JsonValue[], root: JsonObject): JsonObject {
  const { allOf: _, ...rest } = schema
  let whole: JsonObject = rest
  for (const part of all) {
    const reference = asString(asObject(part)?.['$ref'])
    const added = asObject(reference === undefined ? part : resolve(reference, root)) ?? {}
    whole = {
      ...whole,
      ...added,
      properties: { ...asObject(whole['properties']), ...asObject(added['properties']) },
      required: [...asArray(whole['required']), ...asArray(added['required'])],
    }
  }
  return whole
}

/** `#`, `#/$defs/name`: a place in the same schema. */
function resolve(reference: string, root: JsonObject): JsonValue | undefined {
  if (!reference.startsWith('#')) return undefined
  let at: JsonValue | undefined = root
  for (const step of reference.slice(1).split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    const list = asArray(at)
    const object = asObject(at)
    at =
      list.length > 0 ? list[Number(name)] : object && Object.hasOwn(object, name) ? object[name] : undefined
  }
  return at
}
