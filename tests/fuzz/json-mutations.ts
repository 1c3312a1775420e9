/** A JSON value spoilt in one place, in the ways in which senders really err and attackers try. */
import { nestsDeeper } from '#core/domain/json-depth.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Chance } from './chance.ts'

/** A JSON text with one to three places changed; undefined when the text is no JSON. */
export function mutateJsonText(text: string, chance: Chance): string | undefined {
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
  for (let changes = 1 + chance.below(3); changes > 0; changes -= 1) value = mutated(value, chance, 0)
  return nestsDeeper(text, levelsMax) ? undefined : writeJson(value)
}

/** What nests deeper already cannot be written again. */
const levelsMax = 1_000

/** As `JSON.stringify`, but a marked string is written as the JSON text that it holds. */
function writeJson(value: JsonValue): string {
  return JSON.stringify(value).replaceAll(/"raw:((?:[^"\\]|\\.)*)"/g, (_, text: string) =>
    String(JSON.parse(`"${text}"`)),
  )
}

/** Goes down to a place that chance chooses and changes it there. */
function mutated(value: JsonValue, chance: Chance, depth: number): JsonValue {
  const goesOn = depth < 8 && chance.isTrue(depth === 0 ? 0.97 : 0.75)
  if (goesOn && Array.isArray(value) && value.length > 0) {
    return mutatedList([...(value as readonly JsonValue[])], chance, depth)
  }
  if (goesOn && isObject(value) && Object.keys(value).length > 0) return mutatedObject(value, chance, depth)
  return replacement(value, chance)
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function mutatedList(list: JsonValue[], chance: Chance, depth: number): JsonValue {
  const at = chance.below(list.length)
  const item = list[at] ?? null
  switch (chance.below(8)) {
    case 0:
      list.splice(at, 1)
      return list
    case 1:
      list.splice(at, 0, item)
      return list
    case 2:
      return [...list].reverse()
    case 3:
      return repeated(item, chance)
    default:
      list[at] = mutated(item, chance, depth + 1)
      return list
  }
}

/** Many times the same, up to about a megabyte. */
function repeated(item: JsonValue, chance: Chance): JsonValue {
  if (chance.isTrue(0.2)) return raw(`[${'1,'.repeat(200_000)}1]`)
  const timesMax = Math.max(2, Math.floor(1_000_000 / JSON.stringify(item).length))
  return Array.from({ length: Math.min(timesMax, chance.pick([64, 1_000, 20_000])) }, () => item)
}

function mutatedObject(object: JsonObject, chance: Chance, depth: number): JsonValue {
  const entries = Object.entries(object)
  const at = chance.below(entries.length)
  const [name, value = null] = entries[at] ?? ['', null]
  switch (chance.below(10)) {
    case 0:
      entries.splice(at, 1)
      break
    case 1:
      entries[at] = [chance.pick(oddNames), value]
      break
    case 2:
      entries.push([chance.pick(oddNames), replacement(value, chance)])
      break
    case 3: {
      const other = chance.below(entries.length)
      entries[at] = [name, entries[other]?.[1] ?? null]
      break
    }
    default:
      entries[at] = [name, mutated(value, chance, depth + 1)]
  }
  return fromEntries(entries)
}

/** Members are made as `JSON.parse` makes them, so that `__proto__` is a member like any other. */
function fromEntries(entries: ReadonlyArray<readonly [string, JsonValue | undefined]>): JsonObject {
  const object: Record<string, JsonValue> = {}
  for (const [name, value = null] of entries) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return object
}

const oddNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  'error',
  'then',
  '0',
]

const raw = (text: string) => `raw:${text}`

const oddValues: readonly JsonValue[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  9_007_199_254_740_992,
  4_294_967_296,
  raw('1e400'),
  raw('123456789012345678901234567890'),
  raw('-0'),
  '',
  ' ',
  'null',
  '\u0000',
  '\ud800',
  '\u2028',
  'data: [DONE]',
  '\n\n',
  '\r\nevent: error\r\ndata: {}\r\n\r\n',
  '__proto__',
  'tool_use',
  'error',
  '</think>',
  [],
  {},
  [null],
  [[]],
  [{}],
  { type: 'error' },
  { error: { message: 'no', type: 'server_error' } },
  { type: null, text: null },
  { text: 7 },
]

function replacement(value: JsonValue, chance: Chance): JsonValue {
  switch (chance.below(12)) {
    case 0:
      return nested(chance.pick([3, 70, 2_000, 30_000]), chance)
    case 1:
      return 'x'.repeat(chance.pick([1_000, 70_000]))
    case 2:
      return [value]
    case 3:
      return { value }
    case 4:
      return typeof value === 'string' ? cutString(value, chance) : JSON.stringify(value)
    default:
      return chance.pick(oddValues)
  }
}

/** Written as text: a value as deep as that would overflow many a writer of JSON. */
function nested(depth: number, chance: Chance): JsonValue {
  const [open, close] = chance.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ])
  return raw(`${open.repeat(depth)}1${close.repeat(depth)}`)
}

function cutString(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1)
  return chance.isTrue(0.5)
    ? text.slice(0, at)
    : text.slice(0, at) + chance.pick(['"', '\\', '\u0000', '\ud83d']) + text.slice(at)
}
