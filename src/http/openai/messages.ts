/** Messages of the OpenAI chat form as the gateway's own words. */
import type { Carry, ChatMessage, MediaPart, Part, ToolCallPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { readAudio, readFileData, readImageUrl, webAddress } from '#http/media.ts'
import type { Media } from '#http/media.ts'
import type { ContentPart, WireMessage, WireToolCall } from '#http/openai/chat-schema.ts'
import { readCallExtra } from '#http/openai/call-extra.ts'
import { readReasoningDetails } from '#http/openai/reasoning-details.ts'
import type { ReadDetails } from '#http/openai/reasoning-details.ts'

/** Throws `missing_field`, `invalid_value`, `invalid_media`, `unsupported_media_type` with the member's path. */
export function readMessages(wire: readonly WireMessage[]): readonly ChatMessage[] {
  const messages: ChatMessage[] = []
  for (let index = 0; index < wire.length; index++) {
    const message = wire[index]
    if (message) messages.push(readMessage(wire, message, index))
  }
  return messages
}

function readMessage(wire: readonly WireMessage[], message: WireMessage, index: number): ChatMessage {
  const path = `messages[${index}]`
  const name = message.name ?? undefined
  switch (message.role) {
    case 'system':
    case 'developer':
    case 'user':
      if (message.content === undefined || message.content === null) throw missing(`${path}.content`)
      return { role: message.role, parts: readContent(message.content, path), name }
    case 'assistant':
      return { role: 'assistant', parts: readAssistant(message, index), name }
    case 'tool': {
      if (!message.tool_call_id) throw missing(`${path}.tool_call_id`)
      const parts = readContent(message.content ?? '', path)
      return {
        role: 'tool',
        parts: [{ type: 'tool_result', callId: message.tool_call_id, parts, isError: false }],
      }
    }
    case 'function': {
      if (!name) throw missing(`${path}.name`)
      const parts = readContent(message.content ?? '', path)
      const callId = legacyCallBefore(wire, index, name)
      return { role: 'tool', parts: [{ type: 'tool_result', callId, name, parts, isError: false }] }
    }
  }
}

/** Deprecated calls have no id: the call and its result are matched by the place of the call. */
const legacyCallId = (index: number) => `function_call_${index}`

function legacyCallBefore(wire: readonly WireMessage[], index: number, name: string): string {
  for (let before = index - 1; before >= 0; before--) {
    if (wire[before]?.function_call?.name === name) return legacyCallId(before)
  }
  throw new Problem('invalid_value', {
    param: `messages[${index}].name`,
    detail: `messages[${index}] answers a function call that no earlier message made.`,
  })
}

function readContent(content: string | readonly ContentPart[], path: string): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return content.map((part, index) => readPart(part, `${path}.content[${index}]`))
}

function readAssistant(message: WireMessage, index: number): readonly Part[] {
  const path = `messages[${index}]`
  const { parts: reasoning, forText, forImage } = readReasoning(message, path)
  const parts: Part[] = [...reasoning]
  if (message.content) parts.push(...readContent(message.content, path))
  if (forText.length > 0) addToText(parts, forText)
  if (message.refusal) parts.push({ type: 'refusal', text: message.refusal })
  if (message.audio) {
    parts.push({ type: 'audio', source: { kind: 'file', fileId: message.audio.id, origin: 'openai-chat' } })
  }
  message.images?.forEach(({ image_url: { url } }, number) => {
    parts.push(mediaPart(readImageUrl(url, `${path}.images[${number}].image_url.url`), {}))
  })
  const lastPart = parts.at(-1)
  if (forImage.length > 0 && lastPart?.type === 'image')
    parts[parts.length - 1] = { ...lastPart, carry: forImage }
  message.tool_calls?.forEach((call, number) => {
    parts.push(readToolCall(call, `${path}.tool_calls[${number}]`))
  })
  if (message.function_call) {
    const { name, arguments: argumentsText } = message.function_call
    parts.push({ type: 'tool_call', id: legacyCallId(index), name, kind: 'function', argumentsText })
  }
  return parts
}

/** The text's own token, or an empty text's where the model signed nothing but the end of its turn. */
function addToText(parts: Part[], carry: readonly Carry[]): void {
  const last = parts.at(-1)
  if (last?.type === 'text' && last.text !== '') parts[parts.length - 1] = { ...last, carry }
  else parts.push({ type: 'text', text: '', carry })
}

/** Tokens come back in the details; without any, the plain text is what its own provider may want back. */
function readReasoning(
  { reasoning_details: details, reasoning_content: text }: WireMessage,
  path: string,
): ReadDetails {
  const read = readReasoningDetails(details ?? [], `${path}.reasoning_details`)
  const parts = read.parts.map((part) =>
    part.type === 'reasoning' && !part.carry ? plainReasoning(part.text) : part,
  )
  if (!text || parts.some((part) => part.type === 'reasoning' || part.type === 'text'))
    return { ...read, parts }
  return { ...read, parts: [plainReasoning(text), ...parts] }
}

const plainReasoning = (text: string): Part => ({
  type: 'reasoning',
  text,
  carry: [{ origin: 'openai-chat', kind: 'reasoning_content', value: text }],
})

function readToolCall(call: WireToolCall, path: string): ToolCallPart {
  const { id } = call
  const carries = readCallExtra(call.extra_content ?? {}, `${path}.extra_content`)
  const carried = carries.length > 0 ? { carry: carries } : {}
  if (call.custom && call.type !== 'function') {
    const { name, input } = call.custom
    return { type: 'tool_call', id, name, kind: 'custom', argumentsText: input, ...carried }
  }
  if (!call.function) throw missing(`${path}.function`)
  const { name, arguments: written } = call.function
  const argumentsText = written === undefined || written === null || written.trim() === '' ? '{}' : written
  return { type: 'tool_call', id, name, kind: 'function', argumentsText, ...carried }
}

function readPart(part: ContentPart, path: string): Part {
  switch (part.type) {
    case 'text': {
      const { text } = part as Extract<ContentPart, { type: 'text'; text: string }>
      const cacheHint = cacheHintOf(part)
      return cacheHint ? { type: 'text', text, cacheHint } : { type: 'text', text }
    }
    case 'refusal':
      return { type: 'refusal', text: (part as { readonly refusal: string }).refusal }
    default:
      refusePartOfResponses(part.type, path)
      return readMediaPart(part, path) ?? opaque(part)
  }
}

function readMediaPart(part: ContentPart, path: string): Part | undefined {
  if ('image_url' in part && part.type === 'image_url') {
    const image = part.image_url as string | { readonly url: string; readonly detail?: string | null }
    const url = typeof image === 'string' ? image : image.url
    const detail = typeof image === 'string' ? undefined : (image.detail ?? undefined)
    return mediaPart(readImageUrl(url, `${path}.image_url`), { detail, cacheHint: cacheHintOf(part) })
  }
  if ('input_audio' in part && part.type === 'input_audio') {
    const { data, format } = part.input_audio as { readonly data: string; readonly format: string }
    return mediaPart(readAudio(data, format, `${path}.input_audio.data`), {})
  }
  if ('video_url' in part && part.type === 'video_url') {
    const { url } = part.video_url as { readonly url: string }
    return { type: 'video', source: { kind: 'url', url: webAddress(url, `${path}.video_url.url`) } }
  }
  if ('file' in part && part.type === 'file') return readFile(part.file as WireFile, path, cacheHintOf(part))
  return undefined
}

interface WireFile {
  readonly file_data?: string | null | undefined
  readonly file_id?: string | null | undefined
  readonly filename?: string | null | undefined
}

function readFile(file: WireFile, path: string, cacheHint: CacheHint): Part {
  const filename = file.filename ?? undefined
  if (file.file_data) {
    return mediaPart(readFileData(file.file_data, `${path}.file.file_data`), { filename, cacheHint })
  }
  if (!file.file_id) throw missing(`${path}.file.file_data`)
  const source = { kind: 'file', fileId: file.file_id, origin: 'openai-chat' } as const
  return mediaPart({ type: 'document', source }, { filename, cacheHint })
}

type CacheHint = MediaPart['cacheHint']

interface CacheMarks {
  readonly cache_control?: { readonly ttl?: string | undefined } | null
  readonly prompt_cache_breakpoint?: object | null
}

function cacheHintOf(part: object): CacheHint {
  const { cache_control: control, prompt_cache_breakpoint: cut } = part as CacheMarks
  if (control) return { ttl: control.ttl }
  return cut ? {} : undefined
}

function mediaPart(media: Media, rest: Pick<MediaPart, 'detail' | 'filename' | 'cacheHint'>): MediaPart {
  const part: { -readonly [K in keyof MediaPart]: MediaPart[K] } = { type: media.type, source: media.source }
  if (media.mediaType !== undefined) part.mediaType = media.mediaType
  if (rest.detail !== undefined) part.detail = rest.detail
  if (rest.filename !== undefined) part.filename = rest.filename
  if (rest.cacheHint !== undefined) part.cacheHint = rest.cacheHint
  return part
}

/** The parts of Responses, which callers of both APIs mix up; passed on, they would vanish at most models. */
const partsOfResponses: Readonly<Record<string, string>> = {
  input_text: 'text',
  output_text: 'text',
  input_image: 'image_url',
  input_file: 'file',
}

function refusePartOfResponses(type: string, path: string): void {
  const meant = partsOfResponses[type]
  if (meant === undefined) return
  throw new Problem('invalid_value', {
    param: `${path}.type`,
    detail: `${path}.type is "${type}", which this API does not know.`,
    nearest: [meant],
  })
}

function opaque(part: ContentPart): Part {
  return { type: 'opaque', kind: part.type, origin: 'openai-chat', value: part as unknown as JsonObject }
}

const missing = (param: string) => new Problem('missing_field', { param, detail: `${param} is required.` })
