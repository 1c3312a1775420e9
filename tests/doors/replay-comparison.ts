/** Compares what an application heard through a door with what the recording says, field by field. */
import { isDeepStrictEqual } from 'node:util'

import { parseJson } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import type { ExpectedCall, Recording } from '#tests/support/recording.ts'
import type { HeardAnswer } from './door-reader.ts'

export type HeardField =
  | 'text'
  | 'refusal'
  | 'reasoning'
  | 'plan'
  | 'carried'
  | 'calls'
  | 'finish'
  | 'inputTokens'
  | 'outputTokens'
  | 'cachedInputTokens'
  | 'reasoningTokens'

/** What was heard in a field, and what the recording says. */
export interface Difference {
  readonly field: HeardField
  readonly heard: unknown
  readonly expected: unknown
}

/** Every field that differs; empty when the application heard exactly what the provider said. */
export function differencesOf({ expect }: Recording, heard: HeardAnswer): readonly Difference[] {
  const found: Difference[] = []
  const same = (field: HeardField, actual: unknown, expected: unknown) => {
    if (expected !== undefined && !isDeepStrictEqual(actual, expected)) {
      found.push({ field, heard: actual, expected })
    }
  }
  const plan = squeezed(expect.toolPlan ?? '')
  const reasoning = squeezed(heard.reasoning)
  const { isSplit, text } = textHeard(expect, heard)
  same('text', text, expect.text)
  same('refusal', heard.refusal, expect.refusal)
  if (!reasoning.includes(plan))
    found.push({ field: 'plan', heard: heard.reasoning, expected: expect.toolPlan })
  if (expect.reasoning && !isSplit) {
    same('reasoning', plan === '' ? reasoning : reasoning.replace(plan, ''), squeezed(expect.reasoning.text))
    const { signatures, encrypted, redacted } = expect.reasoning
    same('carried', heard.carried.length, signatures + encrypted + redacted)
  }
  found.push(...callDifferences(expect.toolCalls ?? [], heard.calls))
  if (expect.finish?.unified) same('finish', heard.finish, expect.finish.unified)
  if (expect.usage) found.push(...usageDifferences(expect.usage, heard.usage))
  return found
}

/** Where thinking came inside tags in the text, it may be heard apart from it or as it came: both are true. */
function textHeard({ text, thinkTags }: Recording['expect'], heard: HeardAnswer) {
  const isSplit =
    thinkTags !== undefined &&
    heard.text.trim() === thinkTags.text.trim() &&
    squeezed(heard.reasoning) === squeezed(thinkTags.reasoning)
  return { isSplit, text: isSplit ? text : heard.text }
}

/** Paragraphs of one thought may be joined with or without blank lines. */
export const squeezed = (text: string) => text.replaceAll(/\s+/g, '')

function callDifferences(
  expected: readonly ExpectedCall[],
  heard: HeardAnswer['calls'],
): readonly Difference[] {
  const wanted = expected.filter(({ kind }) => kind !== 'item')
  const isSame =
    heard.length === wanted.length &&
    new Set(heard.map(({ id }) => id)).size === heard.length &&
    wanted.every((call, place) => isSameCall(call, heard[place]))
  return isSame ? [] : [{ field: 'calls', heard, expected: wanted }]
}

/** A call that came without an id must have been given one. */
function isSameCall(call: ExpectedCall, heard: HeardAnswer['calls'][number] | undefined): boolean {
  if (!heard || heard.name !== call.name) return false
  if (call.id === null ? heard.id === '' : heard.id !== call.id) return false
  return isDeepStrictEqual(heard.input, inputOf(call))
}

function inputOf({ kind, arguments: value, argumentsText }: ExpectedCall): JsonValue {
  if (argumentsText === undefined) return value ?? {}
  return kind === 'custom' ? argumentsText : (parseJson(argumentsText) ?? argumentsText)
}

/** A count that nobody reported is expected as 0; an API that has no place for it leaves it out. */
function usageDifferences(
  expected: NonNullable<Recording['expect']['usage']>,
  heard: HeardAnswer['usage'],
): readonly Difference[] {
  const found: Difference[] = []
  for (const field of ['inputTokens', 'outputTokens', 'cachedInputTokens', 'reasoningTokens'] as const) {
    const isSame = heard[field] === expected[field] || (expected[field] === 0 && heard[field] === undefined)
    if (!isSame) found.push({ field, heard: heard[field], expected: expected[field] })
  }
  return found
}
