/** A request body as JSON: limits are checked before it is parsed, and each top-level member keeps its place in the text. */
import { isUtf8 } from 'node:buffer'
import type { TextSpan } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { asObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { duplicateKeyIn, jsonFault } from '#http/json-fault.ts'

export interface JsonBodyLimits {
  /** Levels of objects and arrays inside each other. */
  readonly depthMax: number
  /** Members of all objects together. */
  readonly keysMax: number
  /** Commas of the whole body, which bounds array items too. */
  readonly itemsMax: number
}

export const jsonBodyLimits: JsonBodyLimits = { depthMax: 64, keysMax: 20_000, itemsMax: 200_000 }

export interface JsonBody {
  readonly value: JsonObject
  readonly text: string
  /** Where each top-level member's value stands in `text`, without the white space around it. */
  readonly members: ReadonlyMap<string, TextSpan>
}

/**
 * Reads a body that must be one JSON object.
 * Throws `invalid_json`, `body_too_deep`, `duplicate_field` (at any depth: readers disagree which of two members
 * counts, so one could be checked and the other obeyed) and `invalid_value` for `__proto__` or too many members.
 */
export function readJsonBody(bytes: Buffer, limits: JsonBodyLimits = jsonBodyLimits): JsonBody {
  if (!isUtf8(bytes)) throw new Problem('invalid_json', { detail: 'The request body is not valid UTF-8.' })
  const text = bytes.toString('utf8')
  const scan = scanJson(text, limits)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw invalidJson(text)
  }
  const value = asObject(parsed)
  if (!value) throw new Problem('invalid_json', { detail: 'The request body must be one JSON object.' })
  if (countKeys(value) !== scan.keys) throw duplicateField(text)
  return { value, text, members: scan.members }
}

export interface JsonScan {
  readonly members: ReadonlyMap<string, TextSpan>
  readonly keys: number
}

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * One pass over the text, before it is parsed: strings are skipped at the speed of `indexOf`. What it returns holds
 * only for text that then parses; for anything else it returns or throws, but never loops.
 */
export function scanJson(text: string, limits: JsonBodyLimits): JsonScan {
  const members = new Map<string, TextSpan>()
  const { length } = text
  let depth = 0
  let keys = 0
  let items = 0
  let stringStart = 0
  let stringEnd = 0
  let memberName = ''
  let valueStart = -1
  for (let at = 0; at < length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        stringStart = at + 1
        stringEnd = endOfString(text, stringStart)
        at = stringEnd
        break
      case colon:
        if (++keys > limits.keysMax) throw tooMany('members', limits.keysMax)
        if (isProtoKey(text, stringStart, stringEnd)) throw forbiddenKey()
        if (depth === 1) {
          memberName = keyText(text, stringStart, stringEnd)
          valueStart = at + 1
        }
        break
      case comma:
        if (++items > limits.itemsMax) throw tooMany('items', limits.itemsMax)
        if (depth === 1 && valueStart >= 0) {
          members.set(memberName, trimmedSpan(text, valueStart, at))
          valueStart = -1
        }
        break
      case openBrace:
      case openBracket:
        if (++depth > limits.depthMax) throw tooDeep(limits.depthMax)
        break
      case closeBrace:
      case closeBracket:
        if (depth === 1 && valueStart >= 0) {
          members.set(memberName, trimmedSpan(text, valueStart, at))
          valueStart = -1
        }
        depth--
        break
      default:
    }
  }
  return { members, keys }
}

/** The position of the quote that ends a string, or the text's end when nothing does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start)
  while (end > 0 && text.charCodeAt(end - 1) === backslash) {
    let before = end - 1
    while (before > start && text.charCodeAt(before - 1) === backslash) before--
    // An even number of backslashes escape each other and leave the quote as it is.
    if (before < start || (end - before) % 2 === 0) break
    end = text.indexOf('"', end + 1)
  }
  return end < 0 ? text.length : end
}

function trimmedSpan(text: string, from: number, to: number): TextSpan {
  let start = from
  let end = to
  while (start < end && text.charCodeAt(start) <= 0x20) start++
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--
  return { start, end }
}

function keyText(text: string, start: number, end: number): string {
  const raw = text.slice(start, end)
  return raw.includes('\\') ? unescaped(raw) : raw
}

function isProtoKey(text: string, start: number, end: number): boolean {
  const length = end - start
  if (length === 9) return text.startsWith('__proto__', start)
  // Only a key with escapes can be longer and mean the same.
  if (length < 14 || length > 54) return false
  const raw = text.slice(start, end)
  return raw.includes('\\') && unescaped(raw) === '__proto__'
}

function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    // Not JSON: the parser will say so.
    return raw
  }
}

/** Members of every object inside a parsed value. Fewer than the text's colons means that some were written twice. */
function countKeys(value: object): number {
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      if (typeof item === 'object' && item !== null) count += countKeys(item)
    }
    return count
  }
  const members = value as Readonly<Record<string, unknown>>
  // Parsed objects inherit nothing enumerable, and `in` order costs no array of names.
  for (const name in members) {
    count++
    const member = members[name]
    if (typeof member === 'object' && member !== null) count += countKeys(member)
  }
  return count
}

function invalidJson(text: string): Problem {
  const fault = jsonFault(text)
  return new Problem('invalid_json', {
    detail: fault
      ? `The request body is not valid JSON: ${fault.expected} at position ${fault.position} (line ${fault.line}, column ${fault.column}).`
      : undefined,
    facts: fault ? { position: fault.position, line: fault.line, column: fault.column } : undefined,
  })
}

function duplicateField(text: string): Problem {
  const path = duplicateKeyIn(text)
  return new Problem('duplicate_field', {
    detail: path === undefined ? undefined : `The field ${path} appears twice.`,
    param: path,
  })
}

const tooDeep = (depthMax: number) => new Problem('body_too_deep', { facts: { depth_max: depthMax } })

const tooMany = (what: string, most: number) =>
  new Problem('invalid_value', {
    detail: `The request body has more than ${most} ${what}.`,
    mend: 'Send a smaller body.',
    facts: { [`${what}_max`]: most },
  })

const forbiddenKey = () =>
  new Problem('invalid_value', {
    detail: 'A field may not be named "__proto__".',
    param: '__proto__',
    mend: 'Rename the field.',
  })
