/** Media by its address as Gemini's `fileData`: Gemini fetches it itself. */
import type { MediaPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'

/**
 * Source: Gemini API guide "File input methods": files of the Files API and of Cloud Storage, videos on YouTube, and
 * what stands at a public or signed https address. Throws `unsupported_feature` for any other address.
 */
export function fileAtAddress(url: string, media: MediaPart, param: string): JsonObject {
  if (!url.startsWith('https://') && !url.startsWith('gs://')) {
    throw new Problem('unsupported_feature', {
      detail: 'Gemini fetches media from https addresses only.',
      param,
      mend: 'Send the media inline as a data URL, or give an https address.',
    })
  }
  return fileData(url, media.mediaType ?? typeByEnding(url))
}

/** The type is left out where nobody knows it: a wrong one would be believed. */
export function fileData(fileUri: string, mimeType: string | undefined): JsonObject {
  return { fileData: { ...(mimeType === undefined ? {} : { mimeType }), fileUri } }
}

const typesByEnding: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  html: 'text/html',
  csv: 'text/csv',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
}

function typeByEnding(url: string): string | undefined {
  const path = URL.parse(url)?.pathname ?? ''
  const dot = path.lastIndexOf('.')
  return dot < 0 ? undefined : typesByEnding[path.slice(dot + 1).toLowerCase()]
}
