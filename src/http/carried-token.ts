/** Tokens that belong to another provider's API, in one opaque text that any door can hand out and take back. */
import type { Carry, Dialect } from '#core/domain/chat.ts'
import { asArray, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { jsonBodyLimits, scanJson } from '#http/json-body.ts'

/**
 * The first characters of every such text. Eight characters of base64 stand for six whole bytes, so the text as a
 * whole is base64 too: a client that decodes and encodes it again (signatures of Gemini are bytes) leaves it intact.
 */
const mark = 'signalbx'

/** One letter for each dialect; a letter that was once given keeps its meaning, for tokens live in conversations. */
const letters: Readonly<Record<Dialect, string>> = {
  'openai-chat': 'c',
  'openai-responses': 'r',
  'anthropic-messages': 'a',
  'gemini-generate': 'g',
  'cohere-chat': 'h',
}
const origins = new Map(Object.entries(letters).map(([dialect, letter]) => [letter, dialect as Dialect]))

const kinds: ReadonlySet<string> = new Set<Carry['kind']>([
  'signature',
  'encrypted',
  'redacted',
  'thought_signature',
  'reasoning_content',
  'item',
])

const carriesMax = 64

/** The tokens of one part as one text of standard base64. They are not secret and need no proof: each origin checks its own. */
export function writeCarriedToken(carries: readonly Carry[]): string {
  const rows = carries.map(({ origin, kind, value, itemId, extras }): JsonValue => {
    const row: JsonValue[] = [letters[origin], kind, value]
    if (itemId !== undefined || extras) row.push(itemId ?? null)
    if (extras) row.push(extras)
    return row
  })
  return mark + Buffer.from(JSON.stringify(rows)).toString('base64')
}

/** Whether a text was written by `writeCarriedToken`; anything else is a token of the door's own API. */
export function isCarriedToken(text: string): boolean {
  return text.startsWith(mark)
}

/**
 * The tokens in a text of `writeCarriedToken`; undefined for any other text. Throws `invalid_value` naming `param`
 * for one that was damaged on its way: leaving it out would break the conversation at its provider without a word.
 */
export function readCarriedToken(text: string, param: string): readonly Carry[] | undefined {
  if (!isCarriedToken(text)) return undefined
  const json = Buffer.from(text.slice(mark.length), 'base64').toString('utf8')
  scanJson(json, jsonBodyLimits)
  const rows = asArray(parseJson(json))
  const carries = rows.flatMap((row) => readRow(asArray(row)) ?? [])
  if (rows.length === 0 || rows.length > carriesMax || carries.length !== rows.length) throw damaged(param)
  return carries
}

function readRow([letter, kind, value, itemId, extras]: readonly JsonValue[]): Carry | undefined {
  const origin = origins.get(asString(letter) ?? '')
  if (origin === undefined || typeof kind !== 'string' || !kinds.has(kind)) return undefined
  if (typeof value !== 'string' || !isItemId(itemId)) return undefined
  const extraMembers: JsonObject | undefined = asObject(extras)
  return {
    origin,
    kind: kind as Carry['kind'],
    value,
    ...(typeof itemId === 'string' ? { itemId } : {}),
    ...(extraMembers ? { extras: extraMembers } : {}),
  }
}

const isItemId = (value: JsonValue | undefined) =>
  value === undefined || value === null || typeof value === 'string'

const damaged = (param: string) =>
  new Problem('invalid_value', {
    param,
    detail: `${param} is a token of this gateway that was changed on its way.`,
    mend: 'Send the assistant message back as it was received.',
  })
