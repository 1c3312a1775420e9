/** Messages of the Cohere chat form as the gateway's own words. */
import type { ChatMessage, MediaPart, Part, ToolCallPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { readCarriedToken } from '#http/carried-token.ts'
import type {
  ToolContent,
  UserContent,
  WireAssistant,
  WireImage,
  WireMessage,
  WireToolCall,
} from '#http/cohere/chat-schema.ts'
import { documentPart, toolDocumentText } from '#http/cohere/documents.ts'
import { readImageUrl } from '#http/media.ts'

/** Throws `invalid_value`, `invalid_media`, `unsupported_media_type` with the member's path. */
export function readMessages(wire: readonly WireMessage[]): readonly ChatMessage[] {
  return wire.map((message, index) => readMessage(message, `messages[${index}]`))
}

function readMessage(message: WireMessage, path: string): ChatMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
    case 'user':
      return { role: message.role, parts: readContent(message.content, path) }
    case 'assistant':
      return { role: 'assistant', parts: readAssistant(message, path) }
    case 'tool': {
      const parts = readToolContent(message.content)
      return {
        role: 'tool',
        parts: [{ type: 'tool_result', callId: message.tool_call_id, parts, isError: false }],
      }
    }
  }
}

type UserPart = Exclude<UserContent, string>[number]

function readContent(content: UserContent, path: string): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return content.map((part, at) => readUserPart(part, `${path}.content[${at}]`))
}

function readUserPart(part: UserPart, path: string): Part {
  if (isKnown(part, 'text')) return { type: 'text', text: part.text }
  if (isKnown(part, 'image_url')) return readImage(part.image_url, path)
  if (isKnown(part, 'document')) return documentPart(part.document)
  return newer(part)
}

function readImage({ url, detail }: WireImage, path: string): MediaPart {
  const { type, source, mediaType } = readImageUrl(url, `${path}.image_url.url`)
  const image: MediaPart = { type, source, mediaType }
  return detail ? { ...image, detail } : image
}

/** Text and documents as one text: some providers put the parts of a result together without a space between them. */
function readToolContent(content: ToolContent): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  const texts: string[] = []
  const others: Part[] = []
  for (const part of content) {
    if (isKnown(part, 'text')) texts.push(part.text)
    else if (isKnown(part, 'document')) texts.push(toolDocumentText(part.document))
    else others.push(newer(part))
  }
  return texts.length === 0 ? others : [{ type: 'text', text: texts.join('\n') }, ...others]
}

function readAssistant(message: WireAssistant, path: string): readonly Part[] {
  const { content, tool_plan: plan, tool_calls: calls, images } = message
  const parts: Part[] = []
  if (typeof content === 'string') {
    if (content !== '') parts.push({ type: 'text', text: content })
  } else {
    content?.forEach((part, at) => {
      parts.push(readAssistantPart(part, `${path}.content[${at}]`))
    })
  }
  images?.forEach((image, at) => {
    parts.push(readImage(image.image_url, `${path}.images[${at}]`))
  })
  if (plan) parts.push({ type: 'text', text: plan, isToolPlan: true })
  calls?.forEach((call, at) => {
    parts.push(readToolCall(call, `${path}.tool_calls[${at}]`))
  })
  return parts
}

type AssistantPart = Exclude<NonNullable<WireAssistant['content']>, string>[number]

function readAssistantPart(part: AssistantPart, path: string): Part {
  if (isKnown(part, 'text')) {
    const type = part.is_refusal ? 'refusal' : 'text'
    return { type, text: part.text, ...carryOf(part.carried, path) }
  }
  if (isKnown(part, 'thinking')) return readThinking(part.thinking, part.carried, path)
  return newer(part)
}

/** Thinking without tokens may be what its own provider wants back as plain text. */
function readThinking(text: string, carried: string | null | undefined, path: string): Part {
  const known = carryOf(carried, path)
  if ('carry' in known || text === '') return { type: 'reasoning', text, ...known }
  return {
    type: 'reasoning',
    text,
    carry: [{ origin: 'openai-chat', kind: 'reasoning_content', value: text }],
  }
}

/** A call without arguments comes as nothing, as empty text or as the word `null`. */
function readToolCall(call: WireToolCall, path: string): ToolCallPart {
  const { name, arguments: written } = call.function
  const isNothing = !written || written.trim() === '' || written.trim() === 'null'
  const argumentsText = isNothing ? '{}' : written
  return {
    type: 'tool_call',
    id: call.id,
    name,
    kind: 'function',
    argumentsText,
    ...carryOf(call.carried, path),
  }
}

function carryOf(carried: string | null | undefined, path: string): Pick<ToolCallPart, 'carry'> {
  const carry = carried ? readCarriedToken(carried, `${path}.carried`) : undefined
  return carry ? { carry } : {}
}

interface AnyPart {
  readonly type: string
}

/** A part of a kind that is newer has, by its schema, none of the known types. */
function isKnown<P extends AnyPart, T extends string>(
  part: P,
  type: T,
): part is Extract<P, { readonly type: T }> {
  return part.type === type
}

/** A part of a kind that has no word here: Cohere alone can be given it. */
function newer(part: AnyPart): Part {
  return { type: 'opaque', kind: part.type, origin: 'cohere-chat', value: part as unknown as JsonObject }
}
