/** Content of an input item as parts. */
import type { MediaPart, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { readAudio, readFileData, readImageUrl, webAddress } from '#http/media.ts'
import type { Media } from '#http/media.ts'
import {
  audioPart,
  filePart,
  imagePart,
  refusalPart,
  textPart,
} from '#http/openai/responses/input-item-schema.ts'
import type { WireContent, WirePart } from '#http/openai/responses/input-item-schema.ts'
import { parseWith } from '#http/schema-problem.ts'

/** Throws `missing_field`, `invalid_value`, `invalid_media`, `unsupported_media_type` naming the part below `path`. */
export function readContent(content: WireContent, path: string): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return content.map((part, index) => readPart(part, `${path}[${index}]`))
}

function readPart(part: WirePart, path: string): Part {
  switch (part.type) {
    case 'input_text':
    case 'output_text': {
      const { text, prompt_cache_breakpoint: cut } = parseWith(textPart, part, path)
      return cut ? { type: 'text', text, cacheHint: {} } : { type: 'text', text }
    }
    case 'refusal':
      return { type: 'refusal', text: parseWith(refusalPart, part, path).refusal }
    case 'input_image':
      return readImage(part, path)
    case 'input_file':
      return readFile(part, path)
    case 'input_audio': {
      const { data, format } = parseWith(audioPart, part, path).input_audio
      return mediaPart(readAudio(data, format, `${path}.input_audio.data`))
    }
    default:
      refuseChatPart(part.type, path)
      return { type: 'opaque', kind: part.type, origin: 'openai-responses', value: part as JsonObject }
  }
}

function readImage(part: WirePart, path: string): Part {
  const { image_url: url, file_id: fileId, detail, ...rest } = parseWith(imagePart, part, path)
  const more = { detail: detail ?? undefined, isCacheCut: rest.prompt_cache_breakpoint }
  if (url) return mediaPart(readImageUrl(url, `${path}.image_url`), more)
  if (fileId) return mediaPart({ type: 'image', source: keptFile(fileId) }, more)
  throw missing(`${path}.image_url`)
}

function readFile(part: WirePart, path: string): Part {
  const { file_data: data, file_url: url, file_id: fileId, ...rest } = parseWith(filePart, part, path)
  const more = { filename: rest.filename ?? undefined, isCacheCut: rest.prompt_cache_breakpoint }
  if (data) return mediaPart(readFileData(data, `${path}.file_data`), more)
  if (url) {
    const source = { kind: 'url', url: webAddress(url, `${path}.file_url`) } as const
    return mediaPart({ type: 'document', source }, more)
  }
  if (fileId) return mediaPart({ type: 'document', source: keptFile(fileId) }, more)
  throw missing(`${path}.file_data`)
}

const keptFile = (fileId: string) => ({ kind: 'file', fileId, origin: 'openai-responses' }) as const

interface MediaRest {
  readonly detail?: string | undefined
  readonly filename?: string | undefined
  readonly isCacheCut?: object | null | undefined
}

function mediaPart(media: Media, { detail, filename, isCacheCut }: MediaRest = {}): MediaPart {
  return {
    type: media.type,
    source: media.source,
    ...(media.mediaType === undefined ? {} : { mediaType: media.mediaType }),
    ...(detail === undefined ? {} : { detail }),
    ...(filename === undefined ? {} : { filename }),
    ...(isCacheCut ? { cacheHint: {} } : {}),
  }
}

/** The parts of chat completions, which callers of both APIs mix up; passed on, they would vanish at most models. */
const partsOfChat: Readonly<Record<string, string>> = {
  text: 'input_text',
  image_url: 'input_image',
  file: 'input_file',
  audio: 'input_audio',
  image: 'input_image',
}

function refuseChatPart(type: string, path: string): void {
  const meant = partsOfChat[type]
  if (meant === undefined) return
  throw new Problem('invalid_value', {
    param: `${path}.type`,
    detail: `${path}.type is "${type}", which this API does not know.`,
    nearest: [meant],
  })
}

const missing = (param: string) => new Problem('missing_field', { param, detail: `${param} is required.` })
