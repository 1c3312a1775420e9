/** Members of a Gemini message as the protocol's JSON form lets them be written: two spellings, numbers as text, null as absent. */
import { asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'

/** An object of the request and where it stands: `contents[0].parts[1]`; empty for the body itself. */
export interface Wire {
  readonly value: JsonObject
  readonly path: string
}

const snakeNames = new Map<string, string>()

/** The other spelling that the API takes: `system_instruction` for `systemInstruction`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The same for the names that this program asks for, which are few; a caller's are never kept. */
function knownSnakeCase(name: string): string {
  let snake = snakeNames.get(name)
  if (snake === undefined) {
    snake = snakeCase(name)
    snakeNames.set(name, snake)
  }
  return snake
}

/** Where a member stands, as a path. */
export function pathOf({ path }: Wire, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/**
 * A member by its camel case name, in either spelling; undefined when absent or null. Throws `duplicate_field`
 * when both spellings are there: which of them counts would depend on the reader.
 * Source: Protocol Buffers, "ProtoJSON Format".
 */
export function member(wire: Wire, name: string): JsonValue | undefined {
  const camel = wire.value[name]
  const snake = knownSnakeCase(name)
  if (snake === name) return camel ?? undefined
  const other = wire.value[snake]
  if (camel !== undefined && other !== undefined) {
    throw new Problem('duplicate_field', {
      param: pathOf(wire, name),
      detail: `${pathOf(wire, name)} appears in both spellings, ${name} and ${snake}.`,
    })
  }
  return camel ?? other ?? undefined
}

export function wrongValue(param: string, wanted: string): Problem {
  return new Problem('invalid_value', { param, detail: `${param} must be ${wanted}.` })
}

export function objectMember(wire: Wire, name: string): Wire | undefined {
  const value = member(wire, name)
  if (value === undefined) return undefined
  const object = asObject(value)
  if (!object) throw wrongValue(pathOf(wire, name), 'an object')
  return { value: object, path: pathOf(wire, name) }
}

/** A list of objects; one object alone stands for a list of one, as the API takes it. */
export function listMember(wire: Wire, name: string): readonly Wire[] | undefined {
  const value = member(wire, name)
  if (value === undefined) return undefined
  const path = pathOf(wire, name)
  if (!Array.isArray(value)) {
    const object = asObject(value)
    if (!object) throw wrongValue(path, 'a list of objects')
    return [{ value: object, path }]
  }
  return value.map((item: JsonValue, index) => {
    const object = asObject(item)
    if (!object) throw wrongValue(`${path}[${index}]`, 'an object')
    return { value: object, path: `${path}[${index}]` }
  })
}

export function textMember(wire: Wire, name: string): string | undefined {
  const value = member(wire, name)
  if (value === undefined || typeof value === 'string') return value
  throw wrongValue(pathOf(wire, name), 'a string')
}

export function textsMember(wire: Wire, name: string): readonly string[] | undefined {
  const value = member(wire, name)
  if (value === undefined) return undefined
  if (typeof value === 'string') return [value]
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw wrongValue(pathOf(wire, name), 'a list of strings')
}

export function flagMember(wire: Wire, name: string): boolean | undefined {
  const value = member(wire, name)
  if (value === undefined || typeof value === 'boolean') return value
  throw wrongValue(pathOf(wire, name), 'true or false')
}

/** What a number may be; both ends are included. */
export interface NumberRange {
  readonly min?: number
  readonly max?: number
  readonly isWhole?: boolean
}

/** A number, also written as text. */
export function numberMember(wire: Wire, name: string, range: NumberRange = {}): number | undefined {
  const value = member(wire, name)
  if (value === undefined) return undefined
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  const isFitting =
    typeof number === 'number' &&
    Number.isFinite(number) &&
    number >= (range.min ?? -Infinity) &&
    number <= (range.max ?? Infinity) &&
    (range.isWhole !== true || Number.isSafeInteger(number))
  if (!isFitting) throw wrongValue(pathOf(wire, name), rangeText(range))
  return number
}

function rangeText({ min, max, isWhole }: NumberRange): string {
  const kind = isWhole === true ? 'a whole number' : 'a number'
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`
  return min === undefined ? kind : `${kind} of at least ${min}`
}

/** One of the API's words. Names and numbers of values that are newer than this list are refused. */
export function wordMember<W extends string>(wire: Wire, name: string, words: readonly W[]): W | undefined {
  const value = member(wire, name)
  if (value === undefined) return undefined
  const word = words.find((known) => known === value)
  if (word === undefined) throw wrongValue(pathOf(wire, name), `one of ${words.join(', ')}`)
  return word
}
