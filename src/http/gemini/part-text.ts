/** Parts of an answer as JSON text, each open for a signature until it is closed. */
import { asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { MediaPart } from '#core/domain/chat.ts'

/** What a text part is: said, thought, or said in refusal, which is marked so that it can be told from an answer. */
export type TextKind = 'text' | 'thought' | 'refusal'

/** A part that may still grow (text) or receive its signature. */
export type OpenPart =
  | { readonly kind: TextKind; text: string; signature: string | undefined }
  /** `members` is the inside of a JSON object, without its braces. */
  | { readonly kind: 'data'; readonly members: string; signature: string | undefined }

export function writePart(part: OpenPart): string {
  const signed = part.signature === undefined ? '' : `,"thoughtSignature":${JSON.stringify(part.signature)}`
  if (part.kind === 'data') return `{${part.members}${signed}}`
  return `{"text":${JSON.stringify(part.text)}${marks[part.kind]}${signed}}`
}

const marks: Readonly<Record<TextKind, string>> = {
  text: '',
  thought: ',"thought":true',
  refusal: ',"partMetadata":{"refusal":true}',
}

export interface WrittenCall {
  readonly id: string
  readonly name: string
  readonly argumentsText: string
}

export function callMembers({ id, name, argumentsText }: WrittenCall): string {
  const named = `"id":${JSON.stringify(id)},"name":${JSON.stringify(name)}`
  return `"functionCall":{${named},"args":${argumentsObject(argumentsText)}}`
}

/**
 * The arguments as the model wrote them, so that no digit of a long number is lost. What is no JSON object is kept
 * whole under one name, because the API has only objects here.
 */
function argumentsObject(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed === 'null') return '{}'
  if (!asObject(parseJson(trimmed))) return JSON.stringify({ input: text })
  // A line break would end the frame; in valid JSON it is only white space.
  return /[\r\n]/.test(trimmed) ? trimmed.replace(/[\r\n]/g, ' ') : trimmed
}

/** The members of an object as they stand in a part. */
export function membersOf(value: JsonObject): string {
  return JSON.stringify(value).slice(1, -1)
}

/** Undefined for media that this API cannot show: a file that another provider keeps. */
export function mediaMembers(media: MediaPart): string | undefined {
  const { source, mediaType } = media
  const typed = { mimeType: mediaType ?? defaultTypes[media.type] }
  const said = media.transcript ? { audioTranscription: { text: media.transcript } } : {}
  switch (source.kind) {
    case 'inline':
      if (source.base64 === '') return media.transcript ? membersOf(said) : undefined
      return membersOf({ inlineData: { ...typed, data: source.base64 }, ...said })
    case 'url':
      return membersOf({ fileData: { ...typed, fileUri: source.url } })
    case 'file':
      return source.origin === 'gemini-generate'
        ? membersOf({ fileData: { ...typed, fileUri: source.fileId } })
        : undefined
    case 'text':
      return membersOf({ text: source.text })
  }
}

const defaultTypes: Readonly<Record<MediaPart['type'], string>> = {
  image: 'image/png',
  document: 'application/pdf',
  audio: 'audio/wav',
  video: 'video/mp4',
}
