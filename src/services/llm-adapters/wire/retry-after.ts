/** How long a provider asks us to wait, from wherever it says so. */
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'

export interface DelaySource {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The error body, when it is JSON: Google puts `RetryInfo` into it. */
  readonly body?: JsonValue | undefined
  /** The error's text: OpenAI and Groq write "Please try again in 1m2.5s". */
  readonly text?: string | undefined
}

/**
 * The delay in milliseconds that a refusal asks for, or undefined when it names none. A delay of 0 counts as none
 * when a later source says more. `nowMs` is the moment that HTTP dates are compared with; without it the reply's
 * own `date` header is taken. What no clock says (below nothing, a day or more, words, other numerals) is ignored.
 */
export function retryAfterMs(source: DelaySource, nowMs?: number): number | undefined {
  const { headers } = source
  const now = nowMs ?? Date.parse(headers['date'] ?? '')
  const candidates = [
    () => plainNumber(headers['retry-after-ms']),
    () => secondsOrDate(headers['retry-after'], now),
    () => retryInfoMs(source.body),
    () => (source.text === undefined ? undefined : delayInText(source.text)),
    () => resetHeaderMs(headers, now),
  ]
  let smallest: number | undefined
  for (const candidate of candidates) {
    const delayMs = candidate()
    if (delayMs === undefined || !(delayMs <= dayMs)) continue
    if (delayMs > 0) return Math.ceil(delayMs)
    smallest = 0
  }
  return smallest
}

/**
 * A duration as Go writes it (`17.4s`, `6m0s`, `1h2m3s`, `12ms`) or plain seconds, in milliseconds; undefined for
 * anything else.
 */
export function durationMs(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > 40) return undefined
  const plain = Number(trimmed)
  if (Number.isFinite(plain)) return plain >= 0 ? plain * 1_000 : undefined
  if (!wholeDuration.test(trimmed)) return undefined
  let total = 0
  for (const [, amount, unit] of trimmed.matchAll(durationPiece)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  }
  return total
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }
const durationPiece = /(\d{1,9}(?:\.\d{1,12})?)(ms|h|m|s)/g
const wholeDuration = /^(?:\d{1,9}(?:\.\d{1,12})?(?:ms|h|m|s)){1,4}$/
const delaySentence =
  /(?:try again|retry|wait)(?: \w+){0,2}? (?:in|after|for) (\d{1,9}(?:\.\d{1,12})?) ?(ms|milliseconds|seconds?|s|m|minutes?|h)((?:\d{1,9}(?:\.\d{1,12})?(?:ms|m|s))*)/i
const dayMs = 86_400_000

function delayInText(text: string): number | undefined {
  const match = delaySentence.exec(text.slice(0, 4_000))
  if (!match) return undefined
  const [, amount = '', word = '', rest = ''] = match
  const unit = word.toLowerCase()
  const short = unit.startsWith('ms') || unit.startsWith('milli') ? 'ms' : unit.slice(0, 1)
  return durationMs(`${amount}${short}${rest.toLowerCase()}`)
}

/** Digits and perhaps a fraction: what else `Number` takes (hexadecimal, exponents) no provider means. */
const plainForm = /^\s*\d{1,15}(?:\.\d{1,15})?\s*$/

function plainNumber(text: string | undefined): number | undefined {
  return text !== undefined && plainForm.test(text) ? Number(text) : undefined
}

/** The forms of RFC 9110 section 5.6.7 begin with the name of a day, those of RFC 3339 with a year. */
const dateForm = /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)|\d{4}-\d\d-\d\dT)/

function secondsOrDate(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const seconds = plainNumber(text)
  if (seconds !== undefined) return seconds * 1_000
  if (!dateForm.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) || Number.isNaN(nowMs) ? undefined : Math.max(0, at - nowMs)
}

/** `error.details[]` holds an object with `retryDelay: "34.4s"`; the compatible endpoint wraps the error in an array. */
function retryInfoMs(body: JsonValue | undefined): number | undefined {
  const error = asObject(asObject(asArray(body)[0] ?? body)?.['error'])
  for (const detail of asArray(error?.['details'])) {
    const delay = asString(asObject(detail)?.['retryDelay'])
    if (delay !== undefined) return durationMs(delay)
  }
  return undefined
}

/** Some servers write the moment itself, in seconds or milliseconds since 1970, instead of a duration. */
function momentDelayMs(text: string, nowMs: number): number | undefined {
  const value = plainNumber(text)
  if (value === undefined || value < 1_000_000_000) return undefined
  return Math.max(0, (value < 100_000_000_000 ? value * 1_000 : value) - nowMs)
}

/**
 * Limits whose remainder is 0 say when they refill; the latest refill counts. Without such a limit the headers say
 * nothing about this refusal.
 */
function resetHeaderMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  let latest: number | undefined
  for (const [name, value] of Object.entries(headers)) {
    const isLimit = name.startsWith('x-ratelimit-') || name.startsWith('anthropic-ratelimit-')
    if (!isLimit || !name.includes('reset')) continue
    const remaining = plainNumber(headers[name.replace('reset', 'remaining')])
    if (remaining !== undefined && remaining > 0) continue
    const delayMs = momentDelayMs(value, nowMs) ?? durationMs(value) ?? secondsOrDate(value, nowMs)
    if (delayMs === undefined || !(delayMs <= dayMs)) continue
    latest = Math.max(latest ?? 0, delayMs)
  }
  return latest
}
