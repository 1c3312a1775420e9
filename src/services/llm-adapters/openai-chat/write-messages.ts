/** A conversation as a chat completion's `messages`. */
import type { ChatMessage, ChatQuestion, MediaPart, Part, ToolResultPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { ProviderQuirk } from '#core/domain/target.ts'
import { writeAssistantMessage } from '#services/llm-adapters/openai-chat/write-assistant.ts'
import { writeMedia } from '#services/llm-adapters/openai-chat/write-media.ts'
import { nineCharacterId, plainId } from '#services/llm-adapters/wire/tool-ids.ts'

export interface MessageStyle {
  readonly quirks: ReadonlySet<ProviderQuirk>
  /** The id of a tool call as this provider takes it. */
  callId(id: string): string
}

/** Chat completions refuse longer ids of calls. */
const callIdCharactersMax = 40

export function messageStyleOf(quirks: ReadonlySet<ProviderQuirk>): MessageStyle {
  const callId = quirks.has('nine_character_tool_ids')
    ? nineCharacterId
    : (id: string) => plainId(id, callIdCharactersMax)
  return { quirks, callId }
}

/** Whether media stand where chat completions take none: in the result of a tool, or in an answer. */
export function hasMisplacedMedia({ messages }: ChatQuestion): boolean {
  return messages.some(({ role, parts }) =>
    parts.some((part) =>
      part.type === 'tool_result'
        ? part.parts.some((inner) => isMedia(inner) && !isTextDocument(inner))
        : role === 'assistant' && part.type === 'image',
    ),
  )
}

/**
 * Media that only a user may show (in a tool's result, or made by the model) moves into a user message behind the
 * tool messages, with a word on where it came from. Throws `unsupported_feature`.
 */
export function writeMessages(messages: readonly ChatMessage[], style: MessageStyle): readonly JsonObject[] {
  const written: JsonObject[] = []
  let moved: JsonObject[] = []
  const flush = () => {
    if (moved.length > 0) written.push({ role: 'user', content: moved })
    moved = []
  }
  for (const message of messages) {
    if (message.role !== 'tool') flush()
    switch (message.role) {
      case 'system':
      case 'developer':
        written.push(named(message, { role: roleOf(message, style), content: textOf(message.parts, '\n\n') }))
        break
      case 'user':
        addUserMessage(message, style, written)
        break
      case 'tool':
        addToolResults(message.parts, style, { written, moved })
        break
      case 'assistant': {
        const { media, body } = writeAssistantMessage(message, style)
        written.push(named(message, body))
        moved.push(...movedMedia(media, 'From the assistant:'))
      }
    }
  }
  flush()
  return written
}

interface Written {
  readonly written: JsonObject[]
  readonly moved: JsonObject[]
}

function roleOf(message: ChatMessage, style: MessageStyle): string {
  return message.role === 'developer' && !style.quirks.has('no_developer_role') ? 'developer' : 'system'
}

function named(message: ChatMessage, body: JsonObject): JsonObject {
  return message.name === undefined ? body : { ...body, name: message.name }
}

/** Results may stand in a user message, as Anthropic writes them; they come first here, as messages of their own. */
function addUserMessage(message: ChatMessage, style: MessageStyle, written: JsonObject[]): void {
  const results = message.parts.filter((part) => part.type === 'tool_result')
  const moved: JsonObject[] = []
  addToolResults(results, style, { written, moved })
  const content = [...moved, ...message.parts.flatMap(writeUserPart)]
  const [only] = content
  if (only === undefined) {
    if (results.length === 0) written.push(named(message, { role: 'user', content: '' }))
    return
  }
  const isPlain = content.length === 1 && only['type'] === 'text'
  written.push(named(message, { role: 'user', content: isPlain ? (only['text'] ?? '') : content }))
}

function writeUserPart(part: Part): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }]
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      return [writeMedia(part)]
    case 'opaque':
      return part.origin === 'openai-chat' && isContent(part.value) ? [part.value] : []
    case 'tool_result':
    case 'tool_call':
    case 'reasoning':
    case 'refusal':
    case 'server_tool':
      return []
  }
}

function isContent(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function addToolResults(parts: readonly Part[], style: MessageStyle, target: Written): void {
  for (const part of parts) {
    if (part.type !== 'tool_result') continue
    target.written.push({
      role: 'tool',
      tool_call_id: style.callId(part.callId),
      content: resultText(part),
    })
    const media = part.parts.filter((inner): inner is MediaPart => isMedia(inner) && !isTextDocument(inner))
    target.moved.push(...movedMedia(media, `From the result of tool call ${style.callId(part.callId)}:`))
  }
}

/** The dialect has no mark for a failed call, so the text says it. */
function resultText(result: ToolResultPart): string {
  const text = textOf(result.parts, '\n')
  return result.isError && !/^error/i.test(text) ? `Error: ${text}` : text
}

function movedMedia(media: readonly MediaPart[], introduction: string): JsonObject[] {
  return media.length === 0 ? [] : [{ type: 'text', text: introduction }, ...media.map(writeMedia)]
}

function textOf(parts: readonly Part[], separator: string): string {
  const texts: string[] = []
  for (const part of parts) {
    if (part.type === 'text') texts.push(part.text)
    else if (part.type === 'document' && part.source.kind === 'text') texts.push(part.source.text)
  }
  return texts.join(separator)
}

function isMedia(part: Part): part is MediaPart {
  return part.type === 'image' || part.type === 'document' || part.type === 'audio' || part.type === 'video'
}

function isTextDocument(part: MediaPart): boolean {
  return part.source.kind === 'text'
}
