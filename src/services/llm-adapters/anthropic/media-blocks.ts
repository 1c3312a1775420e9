/** Images and documents as Anthropic's content blocks. */
import type { MediaPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'

/** What the first characters of base64 say about an image, whatever its label says. */
const imageTypeByPrefix = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
] as const

/** A block of type `image` or `document`. Throws `unsupported_media_type` or `unsupported_feature`. */
export function mediaBlock(part: MediaPart): JsonObject {
  if (part.type === 'image') return { type: 'image', source: imageSource(part) }
  if (part.type === 'document') {
    const title = part.filename === undefined ? {} : { title: part.filename }
    return { type: 'document', source: documentSource(part), ...title }
  }
  throw new Problem('unsupported_feature', {
    detail: `Anthropic models do not read ${part.type}.`,
    mend: `Leave the ${part.type} out, or choose a model that reads it.`,
    param: 'messages',
  })
}

function imageSource(part: MediaPart): JsonObject {
  const { source } = part
  switch (source.kind) {
    case 'inline': {
      const mediaType = imageTypeByPrefix.find(([prefix]) => source.base64.startsWith(prefix))?.[1]
      if (!mediaType) throw unsupportedType(part, 'PNG, JPEG, GIF and WebP')
      return { type: 'base64', media_type: mediaType, data: source.base64 }
    }
    case 'url':
      return { type: 'url', url: source.url }
    case 'file':
      return fileSource(source)
    case 'text':
      throw unsupportedType(part, 'PNG, JPEG, GIF and WebP')
  }
}

function documentSource(part: MediaPart): JsonObject {
  const { source } = part
  switch (source.kind) {
    case 'inline':
      if (source.base64.startsWith('JVBER') || part.mediaType === 'application/pdf')
        return { type: 'base64', media_type: 'application/pdf', data: source.base64 }
      if (!isTextual(part.mediaType)) throw unsupportedType(part, 'PDF and plain text')
      return textSource(Buffer.from(source.base64, 'base64').toString('utf8'))
    case 'url':
      return { type: 'url', url: source.url }
    case 'file':
      return fileSource(source)
    case 'text':
      return textSource(source.text)
  }
}

const textSource = (data: string): JsonObject => ({ type: 'text', media_type: 'text/plain', data })

function fileSource(source: Extract<MediaPart['source'], { kind: 'file' }>): JsonObject {
  if (source.origin !== 'anthropic-messages') {
    throw new Problem('unsupported_feature', {
      detail: 'A file that another provider keeps cannot be shown to an Anthropic model.',
      mend: 'Send the file itself, or name a model of the provider that keeps it.',
      param: 'messages',
    })
  }
  return { type: 'file', file_id: source.fileId }
}

function isTextual(mediaType: string | undefined): boolean {
  return mediaType !== undefined && (mediaType.startsWith('text/') || mediaType === 'application/json')
}

function unsupportedType(part: MediaPart, known: string): Problem {
  return new Problem('unsupported_media_type', {
    detail: `This ${part.type} (${part.mediaType ?? 'type unknown'}) is not of a kind that Anthropic models read.`,
    mend: `Anthropic models read ${known}.`,
    param: 'messages',
  })
}
