/** Parts of a user's or tool's message as a response takes them. */
import type { MediaPart, Part } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { mediaTypeOf, writeDataUrl } from '#services/llm-adapters/wire/data-url.ts'

/** None for what belongs to the assistant. Throws `unsupported_feature` for media without a form here. */
export function writeInputPart(part: Part): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'input_text', text: part.text }]
    case 'image':
      return [{ type: 'input_image', detail: part.detail ?? 'auto', ...imageSource(part) }]
    case 'document':
      return [writeDocument(part)]
    case 'audio':
      return [writeAudio(part)]
    case 'video':
      throw notPossible('video')
    case 'opaque': {
      const value = part.origin === 'openai-responses' ? asObject(part.value) : undefined
      return value ? [value] : []
    }
    case 'reasoning':
    case 'refusal':
    case 'server_tool':
    case 'tool_call':
    case 'tool_result':
      return []
  }
}

function imageSource(part: MediaPart): JsonObject {
  const { source } = part
  if (source.kind === 'inline') return { image_url: writeDataUrl(mediaTypeOf(part), source.base64) }
  if (source.kind === 'url') return { image_url: source.url }
  if (source.kind === 'file' && isOwnFile(source.origin)) return { file_id: source.fileId }
  throw notPossible('an image that another provider keeps')
}

function writeDocument(part: MediaPart): JsonObject {
  const { source } = part
  const filename = part.filename ?? 'document.pdf'
  switch (source.kind) {
    case 'text':
      return {
        type: 'input_text',
        text: part.filename ? `${part.filename}:\n${source.text}` : source.text,
      }
    case 'inline':
      return { type: 'input_file', filename, file_data: writeDataUrl(mediaTypeOf(part), source.base64) }
    case 'url':
      return { type: 'input_file', file_url: source.url }
    case 'file':
      if (isOwnFile(source.origin)) return { type: 'input_file', file_id: source.fileId }
      throw notPossible('a file that another provider keeps')
  }
}

function writeAudio(part: MediaPart): JsonObject {
  if (part.source.kind !== 'inline') throw notPossible('audio by its address; send its data instead')
  const format = mediaTypeOf(part).endsWith('wav') ? 'wav' : 'mp3'
  return { type: 'input_audio', input_audio: { data: part.source.base64, format } }
}

/** Both of OpenAI's dialects share one store of files. */
function isOwnFile(origin: string): boolean {
  return origin === 'openai-chat' || origin === 'openai-responses'
}

function notPossible(what: string): Problem {
  return new Problem('unsupported_feature', {
    detail: `A response cannot be given ${what}.`,
    param: 'messages',
  })
}
