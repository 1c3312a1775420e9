/** Cohere's documents as text that every model can read. */
import type { ChatMessage, MediaPart } from '#core/domain/chat.ts'
import { asString } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import type { WireDocument } from '#http/cohere/chat-schema.ts'

/** The documents stand before the last thing that the user said, which is what they are to help answer. */
export function withDocuments(
  messages: readonly ChatMessage[],
  documents: ReadonlyArray<string | WireDocument>,
): readonly ChatMessage[] {
  if (documents.length === 0) return messages
  const parts = documents.map(documentPart)
  const at = messages.findLastIndex(({ role }) => role === 'user')
  const asked = messages[at]
  if (!asked) return [...messages, { role: 'user', parts }]
  return messages.with(at, { ...asked, parts: [...parts, ...asked.parts] })
}

/** A document in plain text; its title, where it has one, is its file name. */
export function documentPart(document: string | WireDocument): MediaPart {
  const wire: WireDocument = typeof document === 'string' ? { data: document } : document
  const title = typeof wire.data === 'string' ? undefined : asString(wire.data['title'])
  const source = { kind: 'text', text: documentText(wire) } as const
  return { type: 'document', source, mediaType: 'text/plain', ...(title ? { filename: title } : {}) }
}

/** The text alone when there is nothing else to say; otherwise each field with its name, the id among them. */
function documentText({ id, data }: WireDocument): string {
  const fields: ReadonlyArray<readonly [string, JsonValue | undefined]> =
    typeof data === 'string' ? [['text', data]] : Object.entries(data).filter(([name]) => name !== 'title')
  const [first] = fields
  if (!id && fields.length === 1 && typeof first?.[1] === 'string') return first[1]
  const lines = fields.map(([name, value]) => `${name}: ${plain(value)}`)
  return (id ? [`id: ${id}`, ...lines] : lines).join('\n')
}

/** A tool's document as JSON, the form in which tools answer everywhere. */
export function toolDocumentText({ id, data }: WireDocument): string {
  if (typeof data === 'string') return id ? JSON.stringify({ id, data }) : data
  return JSON.stringify(id ? { id, data } : data)
}

const plain = (value: JsonValue | undefined) => (typeof value === 'string' ? value : JSON.stringify(value))
