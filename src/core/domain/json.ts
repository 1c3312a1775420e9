/** JSON as a value, and the careful look at one: every reader of outside data narrows through these. */

import { nestsDeeper } from '#core/domain/json-depth.ts'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined
}

/** The value as an object, or undefined when it is anything else (an array is not an object here). */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

/** The value as an array; anything else is the empty array. */
export function asArray(value: unknown): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : []
}

/** The value as a string, or undefined. */
export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The value as a finite number, or undefined. */
export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A token or item count from outside: a whole number from 0 to 2^53 - 1, or null when it is anything else. */
export function asCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** A table's entry under a name from outside; undefined for names that only every object has, like `constructor`. */
export function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** Far more than anybody means, and few enough that every walk through a value comes back. */
const levelsMax = 1_000

/** Text parsed as JSON, or undefined when it is not JSON or nests more than 1,000 levels. Never throws. */
export function parseJson(text: string): JsonValue | undefined {
  if (nestsDeeper(text, levelsMax)) return undefined
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}
