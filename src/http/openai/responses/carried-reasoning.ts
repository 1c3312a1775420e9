/** Reasoning items as vessels: what an answer holds that this API has no item for travels in `encrypted_content` and comes back. */
import type { Carry, Part } from '#core/domain/chat.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { readCarriedToken, writeCarriedToken } from '#http/carried-token.ts'
import { carriedMember, readForeignPart } from '#http/openai/foreign-part.ts'
import type { WireReasoning } from '#http/openai/responses/input-item-schema.ts'

/** What a token belongs to, where that is not the reasoning item's own text. */
export type Belonging =
  | { readonly kind: 'call'; readonly callId: string }
  /** The text before it, or an empty one where there is none. */
  | { readonly kind: 'text' }
  /** The part before it, whatever it is. */
  | { readonly kind: 'before' }
  /** The item's text is a plan stated before tool calls (Cohere). */
  | { readonly kind: 'plan' }

/** The `encrypted_content` of an item: OpenAI's own token as it is, tokens of other providers wrapped; null without any. */
export function writeEncrypted(carries: readonly Carry[], belonging?: Belonging): string | null {
  const [first, ...others] = carries
  if (!first) return null
  if (others.length === 0 && !belonging && isOwnToken(first)) return first.value
  if (!belonging) return writeCarriedToken(carries)
  const mark: JsonObject = { ...belonging }
  return writeCarriedToken([{ ...first, extras: { ...first.extras, [carriedMember]: mark } }, ...others])
}

const isOwnToken = ({ origin, kind }: Carry) => origin === 'openai-responses' && kind === 'encrypted'

/** A plan has no token of its own. */
export const planCarry: Carry = { origin: 'cohere-chat', kind: 'item', value: '' }

export interface ReadReasoning {
  readonly part?: Part | undefined
  /** Tokens that belong to another part of the same turn. */
  readonly elsewhere?: { readonly belonging: Belonging; readonly carries: readonly Carry[] } | undefined
}

/** Throws `invalid_value` for a token of this gateway that was damaged. */
export function readReasoning(item: WireReasoning, path: string): ReadReasoning {
  const text = textOf(item)
  const { encrypted_content: encrypted } = item
  if (!encrypted) return text === '' ? {} : { part: { type: 'reasoning', text, carry: [plainCarry(text)] } }
  const carries = readCarriedToken(encrypted, `${path}.encrypted_content`)
  if (!carries) return { part: { type: 'reasoning', text, carry: [ownCarry(item, encrypted)] } }
  const mark = asObject(carries[0]?.extras?.[carriedMember])
  const plain = carries.map(withoutMember)
  switch (mark?.['kind']) {
    case 'call': {
      const callId = asString(mark['callId']) ?? ''
      return { elsewhere: { belonging: { kind: 'call', callId }, carries: plain } }
    }
    case 'text':
    case 'before':
      return { elsewhere: { belonging: { kind: mark['kind'] }, carries: plain } }
    case 'plan':
      return { part: { type: 'text', text, isToolPlan: true } }
    case 'part':
      return { part: readForeignPart(carries) }
    default:
      return { part: { type: 'reasoning', text, carry: plain } }
  }
}

/** Whether the item says anything that OpenAI itself would understand. */
export function isForeignReasoning(encrypted: JsonValue | undefined): boolean {
  return typeof encrypted === 'string' && readCarriedToken(encrypted, 'encrypted_content') !== undefined
}

function textOf({ summary, content }: WireReasoning): string {
  const pieces = summary && summary.length > 0 ? summary : (content ?? [])
  return pieces.map((piece) => piece.text).join('')
}

const plainCarry = (value: string): Carry => ({ origin: 'openai-chat', kind: 'reasoning_content', value })

/** As the adapter of this API writes it, so that it can return in the same form. */
function ownCarry({ id, summary }: WireReasoning, value: string): Carry {
  const carry: Carry = { origin: 'openai-responses', kind: 'encrypted', value }
  const paragraphs = summary && summary.length > 1 ? (summary as unknown as JsonValue) : undefined
  return {
    ...carry,
    ...(id ? { itemId: id } : {}),
    ...(paragraphs ? { extras: { summary: paragraphs } } : {}),
  }
}

function withoutMember(carry: Carry): Carry {
  if (carry.extras?.[carriedMember] === undefined) return carry
  const { extras, ...bare } = carry
  const { [carriedMember]: _mark, ...rest } = extras
  return Object.keys(rest).length === 0 ? bare : { ...bare, extras: rest }
}
