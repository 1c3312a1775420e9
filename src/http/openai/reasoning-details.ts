/** Reasoning, its tokens and what else a chat message has no place for, in the `reasoning_details` extension: what a caller returns unchanged keeps its thread. */
import type { Carry, Dialect, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { readCarriedToken } from '#http/carried-token.ts'
import type { ReasoningDetail } from '#http/openai/chat-schema.ts'
import { readForeignPart, writeForeignPart } from '#http/openai/foreign-part.ts'

/** The format names that OpenRouter made common for this field. */
const formats: Readonly<Record<Dialect, string>> = {
  'anthropic-messages': 'anthropic-claude-v1',
  'openai-responses': 'openai-responses-v1',
  'gemini-generate': 'google-gemini-v1',
  'cohere-chat': 'cohere-chat-v2',
  'openai-chat': 'openai-chat-v1',
}
const origins = new Map(Object.entries(formats).map(([dialect, format]) => [format, dialect as Dialect]))

const carryKinds: ReadonlySet<string> = new Set([
  'signature',
  'encrypted',
  'redacted',
  'thought_signature',
  'reasoning_content',
  'item',
])

/** The format of an entry that is a whole part of another provider. */
const foreignFormat = 'signalbox-part-v1'

export interface ReadDetails {
  readonly parts: readonly Part[]
  /** Tokens that stand on the message's text, and on its last picture. */
  readonly forText: readonly Carry[]
  readonly forImage: readonly Carry[]
}

/**
 * Pieces of unknown origin keep their text alone: no provider would accept their tokens. Throws `invalid_value` for a
 * part of another provider that was damaged.
 */
export function readReasoningDetails(details: readonly ReasoningDetail[], path: string): ReadDetails {
  const parts: Part[] = []
  const forText: Carry[] = []
  const forImage: Carry[] = []
  for (const [index, detail] of details.entries()) {
    if (detail.format === foreignFormat) {
      const foreign = readForeignPart(readCarriedToken(detail.data ?? '', `${path}[${index}].data`) ?? [])
      if (foreign) parts.push(foreign)
      continue
    }
    const text = detail.text ?? detail.summary ?? ''
    const carry = carryOf(detail)
    if (detail.part === 'text' && carry) forText.push(carry)
    else if (detail.part === 'image' && carry) forImage.push(carry)
    else if (detail.part === 'plan') parts.push({ type: 'text', text, isToolPlan: true })
    else if (carry) parts.push({ type: 'reasoning', text, carry: [carry] })
    else if (text !== '') parts.push({ type: 'reasoning', text })
  }
  return { parts, forText, forImage }
}

function carryOf(detail: ReasoningDetail): Carry | undefined {
  const origin = origins.get(detail.format ?? '')
  const value = detail.signature ?? detail.data
  if (origin === undefined || value === undefined || value === null) return undefined
  return {
    origin,
    kind: kindOf(detail, origin),
    value,
    ...(detail.id ? { itemId: detail.id } : {}),
    ...(detail.extras ? { extras: detail.extras } : {}),
  }
}

function kindOf(detail: ReasoningDetail, origin: Dialect): Carry['kind'] {
  if (detail.kind && carryKinds.has(detail.kind)) return detail.kind as Carry['kind']
  if (detail.signature) return 'signature'
  return origin === 'anthropic-messages' ? 'redacted' : 'encrypted'
}

/** One part's entries: its text with its first token, and one entry for each further token; none for other parts. */
export function writeReasoningDetails(part: Part, index: number): readonly JsonObject[] {
  switch (part.type) {
    case 'reasoning':
      return writeTokens(part.text, part.carry ?? [], index)
    case 'text': {
      if (part.isToolPlan) {
        return [{ type: 'reasoning.text', text: part.text, format: 'cohere-chat-v2', part: 'plan', index }]
      }
      return writeTokens('', part.carry ?? [], index).map((token) => ({ ...token, part: 'text' }))
    }
    case 'image':
      return writeTokens('', part.carry ?? [], index).map((token) => ({ ...token, part: 'image' }))
    case 'server_tool':
    case 'opaque':
      return [{ type: 'reasoning.encrypted', data: writeForeignPart(part), format: foreignFormat, index }]
    default:
      return []
  }
}

function writeTokens(text: string, carries: readonly Carry[], index: number): readonly JsonObject[] {
  const shown = carries.filter((carry) => carry.kind !== 'reasoning_content')
  if (shown.length === 0) {
    return text === '' ? [] : [{ type: 'reasoning.text', text, format: 'unknown', index }]
  }
  return shown.map((carry, number) => writeCarry(number === 0 ? text : '', carry, index))
}

function writeCarry(text: string, carry: Carry, index: number): JsonObject {
  const isSignature = carry.kind === 'signature' || carry.kind === 'thought_signature'
  return {
    type: isSignature ? 'reasoning.text' : 'reasoning.encrypted',
    ...(isSignature ? { text, signature: carry.value } : { ...(text ? { text } : {}), data: carry.value }),
    ...(carry.itemId === undefined ? {} : { id: carry.itemId }),
    format: formats[carry.origin],
    kind: carry.kind,
    ...(carry.extras ? { extras: carry.extras } : {}),
    index,
  }
}
