/** Data URLs (RFC 2397), to and fro, without a regular expression over megabytes of base64. */
import type { MediaPart } from '#core/domain/chat.ts'

export interface InlineMedia {
  readonly mediaType: string
  readonly base64: string
}

/** The media type and base64 of a data URL; undefined for any other URL, and for data that is not base64. */
export function readDataUrl(url: string): InlineMedia | undefined {
  if (!url.startsWith('data:')) return undefined
  const comma = url.indexOf(',')
  if (comma === -1 || comma > 200) return undefined
  const [mediaType = '', ...parameters] = url.slice('data:'.length, comma).toLowerCase().split(';')
  if (!parameters.includes('base64')) return undefined
  return { mediaType: mediaType === '' ? 'text/plain' : mediaType, base64: url.slice(comma + 1) }
}

export function writeDataUrl(mediaType: string, base64: string): string {
  return `data:${mediaType};base64,${base64}`
}

const mediaTypeByDefault = {
  image: 'image/png',
  document: 'application/pdf',
  audio: 'audio/wav',
  video: 'video/mp4',
} as const

/** The media type stated for a part, or the usual one of its kind. */
export function mediaTypeOf(part: MediaPart): string {
  return part.mediaType ?? mediaTypeByDefault[part.type]
}
