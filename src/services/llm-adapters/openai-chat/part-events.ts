/** Pieces of a chat completion's message as events: images, audio, citations, unknown content. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Citation, MediaPart } from '#core/domain/chat.ts'
import { asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { readDataUrl } from '#services/llm-adapters/wire/data-url.ts'

export function addImage(choice: number, item: JsonObject, events: ChatEvent[]): void {
  const url = asString(asObject(item['image_url'])?.['url']) ?? asString(item['image_url'])
  if (url === undefined) return
  const inline = readDataUrl(url)
  const part: MediaPart = inline
    ? { type: 'image', source: { kind: 'inline', base64: inline.base64 }, mediaType: inline.mediaType }
    : { type: 'image', source: { kind: 'url', url } }
  events.push({ type: 'part', choice, part })
}

/** Produced audio; its format is the one that was asked for, which the reply does not repeat. */
export function audioOf(audio: JsonObject): MediaPart {
  const id = asString(audio['id'])
  const transcript = asString(audio['transcript'])
  return {
    type: 'audio',
    source: { kind: 'inline', base64: asString(audio['data']) ?? '' },
    ...(id ? { id } : {}),
    ...(transcript ? { transcript } : {}),
  }
}

export function addAnnotation(choice: number, note: JsonValue, events: ChatEvent[]): void {
  const annotation = asObject(note)
  if (!annotation) return
  const link = asObject(annotation['url_citation'])
  const file = asObject(annotation['file'])
  const citation: Citation = {
    origin: 'openai-chat',
    value: annotation,
    url: asString(link?.['url']),
    title: asString(link?.['title']) ?? asString(file?.['name']),
    start: asNumber(link?.['start_index']),
    end: asNumber(link?.['end_index']),
    text: asString(link?.['content']),
  }
  events.push({ type: 'citation', choice, citation })
}

export function opaqueEvent(choice: number, kind: string, value: JsonObject): ChatEvent {
  return { type: 'part', choice, part: { type: 'opaque', kind, origin: 'openai-chat', value } }
}

/** Google's compatible endpoint: a thought signature of the whole message. */
export function extraContentEvent(choice: number, extra: JsonObject): ChatEvent {
  const carry = { origin: 'openai-chat', kind: 'item', value: '', extras: { extra_content: extra } } as const
  return { type: 'carry', choice, carry }
}
