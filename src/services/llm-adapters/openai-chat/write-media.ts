/** Media parts as a chat completion's message takes them. */
import type { MediaPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { mediaTypeOf, writeDataUrl } from '#services/llm-adapters/wire/data-url.ts'

/** Audio is named by format, not by media type; others keep the word behind the slash. */
const audioFormats: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/vnd.wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/mp4': 'm4a',
  'audio/x-m4a': 'm4a',
}

/** Throws `unsupported_feature` for what the dialect has no form for. */
export function writeMedia(part: MediaPart): JsonObject {
  switch (part.type) {
    case 'image':
      return {
        type: 'image_url',
        image_url: { url: urlOf(part), ...(part.detail ? { detail: part.detail } : {}) },
      }
    case 'document':
      return writeDocument(part)
    case 'audio':
      return writeAudio(part)
    case 'video':
      return { type: 'video_url', video_url: { url: urlOf(part) } }
  }
}

function urlOf(part: MediaPart): string {
  const { source } = part
  if (source.kind === 'inline') return writeDataUrl(mediaTypeOf(part), source.base64)
  if (source.kind === 'url') return source.url
  throw notPossible(`an ${part.type} that another provider keeps`)
}

function writeDocument(part: MediaPart): JsonObject {
  const { source } = part
  switch (source.kind) {
    case 'text':
      return { type: 'text', text: part.filename ? `${part.filename}:\n${source.text}` : source.text }
    case 'inline': {
      const file_data = writeDataUrl(mediaTypeOf(part), source.base64)
      return { type: 'file', file: { filename: part.filename ?? 'document.pdf', file_data } }
    }
    case 'file':
      if (!isOwnFile(source.origin)) throw notPossible('a file that another provider keeps')
      return { type: 'file', file: { file_id: source.fileId } }
    case 'url':
      throw notPossible('a document by its address; send its data instead')
  }
}

function writeAudio(part: MediaPart): JsonObject {
  if (part.source.kind !== 'inline') throw notPossible('audio by its address; send its data instead')
  const mediaType = mediaTypeOf(part)
  const format = audioFormats[mediaType] ?? mediaType.slice(mediaType.indexOf('/') + 1)
  return { type: 'input_audio', input_audio: { data: part.source.base64, format } }
}

/** Both of OpenAI's dialects share one store of files. */
function isOwnFile(origin: string): boolean {
  return origin === 'openai-chat' || origin === 'openai-responses'
}

function notPossible(what: string): Problem {
  return new Problem('unsupported_feature', {
    detail: `A chat completion cannot be given ${what}.`,
    param: 'messages',
  })
}
