/** A turn of the assistant as a chat completion's message. */
import type { ChatMessage, MediaPart, Part, ToolCallPart } from '#core/domain/chat.ts'
import { asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { MessageStyle } from '#services/llm-adapters/openai-chat/write-messages.ts'

export interface WrittenAssistant {
  readonly body: JsonObject
  /** What the assistant made and the dialect cannot keep in its message. */
  readonly media: readonly MediaPart[]
}

export function writeAssistantMessage(message: ChatMessage, style: MessageStyle): WrittenAssistant {
  const { parts } = message
  const calls = parts.filter((part) => part.type === 'tool_call')
  const text = joined(parts, 'text')
  const refusal = joined(parts, 'refusal')
  const audio = parts.find((part) => part.type === 'audio' && part.id !== undefined)
  const hasMore = calls.length > 0 || refusal !== '' || audio !== undefined
  return {
    body: {
      role: 'assistant',
      content: text === '' && hasMore ? null : text,
      ...(refusal === '' ? {} : { refusal }),
      ...(audio?.type === 'audio' ? { audio: { id: audio.id } } : {}),
      ...reasoningMembers(parts, style),
      ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => writeCall(call, style)) }),
    },
    media: parts.filter((part): part is MediaPart => part.type === 'image'),
  }
}

function joined(parts: readonly Part[], type: 'text' | 'refusal' | 'reasoning'): string {
  let text = ''
  for (const part of parts) if (part.type === type) text += part.text
  return text
}

function writeCall(call: ToolCallPart, style: MessageStyle): JsonObject {
  const id = style.callId(call.id)
  const { name, argumentsText } = call
  if (call.kind === 'custom') return { id, type: 'custom', custom: { name, input: argumentsText } }
  return {
    id,
    type: 'function',
    function: { name, arguments: argumentsText.trim() === '' ? '{}' : argumentsText },
    ...extraContent([call], style),
  }
}

/** Thinking goes back only to those who ask for it, and tokens only to where they came from. */
function reasoningMembers(parts: readonly Part[], style: MessageStyle): JsonObject {
  const text = joined(parts, 'reasoning')
  const details = style.quirks.has('reply_members_returned') ? parts.flatMap(reasoningDetails) : []
  const spoken = parts.filter((part) => part.type !== 'tool_call')
  return {
    ...(text !== '' && style.quirks.has('reasoning_content_returned') ? { reasoning_content: text } : {}),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...extraContent(spoken, style),
  }
}

/** The entries of `reasoning_details` as they came, each with its token. */
function reasoningDetails(part: Part): readonly JsonObject[] {
  const details: JsonObject[] = []
  for (const { origin, kind, value, extras } of part.carry ?? []) {
    if (origin !== 'openai-chat' || !asString(extras?.['type'])?.startsWith('reasoning.')) continue
    if (kind === 'signature') details.push({ ...extras, signature: value })
    else if (kind === 'encrypted') details.push({ ...extras, data: value })
    else details.push({ ...extras })
  }
  return details
}

function extraContent(parts: readonly Part[], style: MessageStyle): JsonObject {
  if (!style.quirks.has('reply_members_returned')) return {}
  let extra: JsonValue | undefined
  for (const part of parts) {
    for (const { origin, extras } of part.carry ?? []) {
      if (origin === 'openai-chat' && extras?.['extra_content']) extra = extras['extra_content']
    }
  }
  return extra === undefined ? {} : { extra_content: extra }
}
