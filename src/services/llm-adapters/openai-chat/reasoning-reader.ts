/** Reasoning out of chat completions, under each of the names that servers give it. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import { asArray, asObject, asString, entryOf } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

export interface ReasoningReader {
  /** A delta or whole message. */
  add(delta: JsonObject, events: ChatEvent[]): void
  /** Something else begins, or nothing more comes: what must be replayed is complete. */
  flush(events: ChatEvent[]): void
}

/** An entry of OpenRouter's `reasoning_details` that is still growing. */
interface OpenDetail {
  readonly key: string
  fields: { [name: string]: JsonValue | undefined }
}

/** Which member of an entry holds text that the model shows, by the entry's type. */
const textMember: Readonly<Record<string, string>> = {
  'reasoning.text': 'text',
  'reasoning.summary': 'summary',
}

export function createReasoningReader(choice: number): ReasoningReader {
  let growing: OpenDetail | undefined

  const flush = (events: ChatEvent[]): void => {
    if (!growing) return
    events.push({ type: 'carry', choice, carry: carryOf(growing.fields) })
    growing = undefined
  }

  const addDetail = (detail: JsonObject, events: ChatEvent[]): string => {
    const type = asString(detail['type']) ?? ''
    const member = entryOf(textMember, type)
    const key = `${type}/${JSON.stringify(detail['index'] ?? null)}`
    if (growing && growing.key !== key) flush(events)
    const text = member ? (asString(detail[member]) ?? '') : ''
    if (text !== '') events.push({ type: 'reasoning-delta', choice, text })
    if (growing) growing.fields = merged(growing.fields, detail, member)
    else growing = { key, fields: { ...detail } }
    // An entry with its token is complete; one of text may still grow.
    if (detail['signature'] || detail['data']) flush(events)
    return text
  }

  return {
    add(delta, events) {
      const details = delta['reasoning_details']
      let text = ''
      if (Array.isArray(details)) {
        const plain = plainReasoning(delta)
        const isTextInside = asArray(details).some((detail) => textOf(asObject(detail)) !== '')
        // The plain member repeats the text of the details.
        if (!isTextInside && plain !== '') events.push({ type: 'reasoning-delta', choice, text: plain })
        for (const detail of asArray(details)) text += addDetail(asObject(detail) ?? {}, events)
        return
      }
      text = plainReasoning(delta)
      if (text !== '') events.push({ type: 'reasoning-delta', choice, text })
    },
    flush,
  }
}

function plainReasoning(delta: JsonObject): string {
  // A server may send both names with the same text.
  return asString(delta['reasoning_content']) || asString(delta['reasoning']) || ''
}

function textOf(detail: JsonObject | undefined): string {
  const member = entryOf(textMember, asString(detail?.['type']) ?? '')
  return member ? (asString(detail?.[member]) ?? '') : ''
}

function merged(
  grown: OpenDetail['fields'],
  detail: JsonObject,
  member: string | undefined,
): OpenDetail['fields'] {
  const next = { ...grown }
  for (const [name, value] of Object.entries(detail)) {
    if (name === member) next[name] = (asString(grown[name]) ?? '') + (asString(value) ?? '')
    else if (value !== null && value !== undefined) next[name] = value
  }
  return next
}

/** Everything beside the token travels along, so that the entry can be sent back as it was. */
function carryOf(fields: OpenDetail['fields']): Carry {
  const { signature, data, ...extras } = fields
  const itemId = asString(fields['id'])
  const rest = { origin: 'openai-chat', extras, ...(itemId ? { itemId } : {}) } as const
  if (typeof signature === 'string' && signature !== '')
    return { ...rest, kind: 'signature', value: signature }
  if (typeof data === 'string' && data !== '') return { ...rest, kind: 'encrypted', value: data }
  return { ...rest, kind: 'item', value: '' }
}
