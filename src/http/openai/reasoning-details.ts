/** Reasoning and its tokens in the `reasoning_details` extension: what a caller returns unchanged keeps its thread. */
import type { Carry, Dialect, Part, ReasoningPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { ReasoningDetail } from '#http/openai/chat-schema.ts'

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

/** Pieces of unknown origin are left out: no provider would accept them. */
export function readReasoningDetails(details: readonly ReasoningDetail[]): readonly Part[] {
  const parts: ReasoningPart[] = []
  for (const detail of details) {
    const origin = origins.get(detail.format ?? '')
    const text = detail.text ?? detail.summary ?? ''
    const value = detail.signature ?? detail.data
    if (origin === undefined || value === undefined || value === null) {
      if (text !== '') parts.push({ type: 'reasoning', text })
      continue
    }
    const carry: Carry = {
      origin,
      kind: kindOf(detail, origin),
      value,
      ...(detail.id ? { itemId: detail.id } : {}),
      ...(detail.extras ? { extras: detail.extras } : {}),
    }
    parts.push({ type: 'reasoning', text, carry: [carry] })
  }
  return parts
}

function kindOf(detail: ReasoningDetail, origin: Dialect): Carry['kind'] {
  if (detail.kind && carryKinds.has(detail.kind)) return detail.kind as Carry['kind']
  if (detail.signature) return 'signature'
  return origin === 'anthropic-messages' ? 'redacted' : 'encrypted'
}

/** One reasoning part as details: its text with its first token, and one entry for each further token. */
export function writeReasoningDetails(
  text: string,
  carries: readonly Carry[],
  index: number,
): readonly JsonObject[] {
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
