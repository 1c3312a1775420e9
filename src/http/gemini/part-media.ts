/** `inlineData` and `fileData`: media by its bytes or by its address, checked by the bytes and not by what is claimed. */
import type { MediaPart } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import { pathOf, textMember } from '#http/gemini/wire-members.ts'
import type { Wire } from '#http/gemini/wire-members.ts'
import { readFileData as readDataUrl, readImageUrl, webAddress } from '#http/media.ts'
import type { Media } from '#http/media.ts'

const mediaTypeForm = /^[a-z0-9.+-]+\/[a-z0-9.+*-]+(?:\s*;.*)?$/i

/** Types that are no media at all; the API refuses them whatever the model. */
const unreadableTypes: ReadonlySet<string> = new Set([
  'application/octet-stream',
  'application/zip',
  'application/gzip',
  'application/x-tar',
])

/** Image types whose first bytes are known here. */
const sniffedImageTypes: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/jpg',
  'image/gif',
  'image/webp',
])

/** Throws `missing_field`, `invalid_value`, `invalid_media` and `unsupported_media_type`. */
export function readInlineData(wire: Wire): MediaPart {
  const mediaType = mediaTypeIn(wire)
  const path = pathOf(wire, 'data')
  if (mediaType === undefined) throw missing(pathOf(wire, 'mimeType'))
  const data = textMember(wire, 'data')
  if (data === undefined || data === '') throw missing(path)
  const url = `data:${mediaType};base64,${standardBase64(data)}`
  const media = sniffedImageTypes.has(mediaType) ? readImageUrl(url, path) : readDataUrl(url, path)
  return mediaPart(media, mediaType)
}

/** The protocol's JSON form writes bytes in either alphabet, with or without padding. */
function standardBase64(data: string): string {
  const standard =
    data.includes('-') || data.includes('_') ? data.replace(/-/g, '+').replace(/_/g, '/') : data
  const missingCount = (4 - (standard.length % 4)) % 4
  return missingCount === 1 || missingCount === 2 ? standard + '='.repeat(missingCount) : standard
}

function mediaPart(media: Media, declared: string): MediaPart {
  const isVideo = declared.startsWith('video/')
  const type = isVideo && media.type === 'document' ? 'video' : imageOf(media.type, declared)
  return { type, source: media.source, mediaType: media.mediaType ?? declared }
}

/** Images in forms that are not looked into here (HEIC) stay images. */
function imageOf(type: Media['type'], declared: string): Media['type'] {
  return type === 'document' && declared.startsWith('image/') ? 'image' : type
}

/** A file that Google keeps, or media at a public address. Throws as `readInlineData` does. */
export function readFileData(wire: Wire): MediaPart {
  const path = pathOf(wire, 'fileUri')
  const uri = textMember(wire, 'fileUri')
  if (uri === undefined || uri === '') throw missing(path)
  const stated = mediaTypeIn(wire)
  const type = kindOf(stated ?? guessedType(uri))
  const typed = stated === undefined ? {} : { mediaType: stated }
  if (isKeptByGoogle(uri)) {
    return { type, source: { kind: 'file', fileId: uri, origin: 'gemini-generate' }, ...typed }
  }
  return { type, source: { kind: 'url', url: webAddress(uri, path) }, ...typed }
}

function isKeptByGoogle(uri: string): boolean {
  return (
    uri.startsWith('gs://') ||
    uri.startsWith('files/') ||
    /^https:\/\/[a-z-]*generativelanguage\.googleapis\.com\//.test(uri)
  )
}

const typesOfEndings: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
}

/** What an address without a stated type most likely shows; only which kind of part it is depends on this. */
function guessedType(uri: string): string {
  if (/^https:\/\/(?:(?:www|m)\.youtube\.com|youtu\.be)\//.test(uri)) return 'video/mp4'
  const ending = /\.([a-z0-9]{2,5})(?:[?#]|$)/i.exec(uri)?.[1]?.toLowerCase() ?? ''
  return typesOfEndings[ending] ?? 'application/pdf'
}

function kindOf(mediaType: string): MediaPart['type'] {
  const kind = mediaType.split('/', 1)[0]
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document'
}

function mediaTypeIn(wire: Wire): string | undefined {
  const stated = textMember(wire, 'mimeType')
  if (stated === undefined || stated === '') return undefined
  const path = pathOf(wire, 'mimeType')
  if (!mediaTypeForm.test(stated)) {
    throw new Problem('invalid_value', {
      param: path,
      detail: `${path} must be a media type such as image/png, not "${stated.slice(0, 80)}".`,
    })
  }
  const mediaType = (stated.split(';', 1)[0] ?? '').trim().toLowerCase()
  if (unreadableTypes.has(mediaType)) {
    throw new Problem('unsupported_media_type', {
      param: path,
      detail: `${path} is ${mediaType}, which no model reads.`,
    })
  }
  return mediaType
}

const missing = (param: string) => new Problem('missing_field', { param, detail: `${param} is required.` })
