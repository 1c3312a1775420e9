/** The conversation as Cohere's messages (Cohere API v2 reference, Chat, `messages`). */
import type { ChatMessage, MediaPart, Part, ToolCallPart, ToolResultPart } from '#core/domain/chat.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { mediaTypeOf, writeDataUrl } from '#services/llm-adapters/wire/data-url.ts'

/** Throws `empty_prompt`, `invalid_value` for results without a call, and `unsupported_feature` for what has no form. */
export function messagesOf(messages: readonly ChatMessage[]): readonly JsonObject[] {
  const wire: JsonObject[] = []
  const open = new Set<string>()
  for (const message of messages) {
    switch (message.role) {
      case 'system':
      case 'developer':
        addContent(wire, 'system', textItems(message.parts, message.role))
        break
      case 'user':
        addUser(wire, message.parts, open)
        break
      case 'tool':
        addUser(wire, message.parts, open)
        break
      case 'assistant':
        requireAnswered(open)
        addAssistant(wire, message.parts, open)
    }
  }
  requireAnswered(open)
  if (wire.length === 0) throw new Problem('empty_prompt', { param: 'messages' })
  return wire
}

/** Results come as messages of their own, before the rest of what the user says. */
function addUser(wire: JsonObject[], parts: readonly Part[], open: Set<string>): void {
  const items: JsonObject[] = []
  for (const part of parts) {
    if (part.type === 'tool_result') {
      if (!open.delete(part.callId)) throw orphan(part.callId)
      wire.push({ role: 'tool', tool_call_id: part.callId, content: resultContent(part) })
    } else {
      const item = userItem(part)
      if (item) items.push(item)
    }
  }
  if (items.length > 0) requireAnswered(open)
  addContent(wire, 'user', items)
}

function addContent(wire: JsonObject[], role: string, items: readonly JsonObject[]): void {
  if (items.length > 0) wire.push({ role, content: contentField(items) })
}

function addAssistant(wire: JsonObject[], parts: readonly Part[], open: Set<string>): void {
  const items: JsonObject[] = []
  const calls: JsonObject[] = []
  let plan = ''
  for (const part of parts) {
    switch (part.type) {
      case 'text':
        if (part.isToolPlan) plan += part.text
        else if (part.text.trim() !== '') items.push(textItem(part.text))
        break
      case 'refusal':
        if (part.text.trim() !== '') items.push(textItem(part.text))
        break
      case 'tool_call':
        open.add(part.id)
        calls.push(wireCall(part))
        break
      // Thinking has no token here that would have to return, and items of other dialects mean nothing.
      case 'reasoning':
      case 'server_tool':
      case 'opaque':
        break
      case 'image':
      case 'document':
      case 'audio':
      case 'video':
      case 'tool_result':
        throw misplaced(part.type, 'an assistant message')
    }
  }
  if (items.length === 0 && calls.length === 0) return
  wire.push({
    role: 'assistant',
    ...(items.length > 0 ? { content: contentField(items) } : {}),
    ...(plan !== '' && calls.length > 0 ? { tool_plan: plan } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  })
}

function wireCall(part: ToolCallPart): JsonObject {
  const text = part.argumentsText.trim()
  const argumentsText =
    part.kind === 'custom' ? JSON.stringify({ input: part.argumentsText }) : text === '' ? '{}' : text
  return { id: part.id, type: 'function', function: { name: part.name, arguments: argumentsText } }
}

function resultContent(part: ToolResultPart): JsonValue {
  const items: JsonObject[] = []
  for (const inner of part.parts) {
    if (inner.type === 'document' && inner.source.kind === 'text') {
      const title = inner.filename === undefined ? {} : { title: inner.filename }
      items.push({ type: 'document', document: { data: { ...title, text: inner.source.text } } })
    } else items.push(...textItems([inner], 'a tool result'))
  }
  // There is no field that says that a tool failed.
  if (part.isError) items.unshift(textItem('Error:'))
  return items.length === 0 ? '' : contentField(items)
}

function userItem(part: Part): JsonObject | undefined {
  if (part.type === 'image') {
    const detail = part.detail === 'low' || part.detail === 'high' ? { detail: part.detail } : {}
    return { type: 'image_url', image_url: { url: imageUrl(part), ...detail } }
  }
  return textItems([part], 'a user message')[0]
}

function imageUrl(part: MediaPart): string {
  if (part.source.kind === 'url') return part.source.url
  if (part.source.kind === 'inline') return writeDataUrl(mediaTypeOf(part), part.source.base64)
  throw misplaced('kept file', 'a message to Cohere')
}

/** Parts that can be said in text; blank text and items of other dialects are left out. */
function textItems(parts: readonly Part[], where: string): JsonObject[] {
  const items: JsonObject[] = []
  for (const part of parts) {
    const text = textOf(part, where)
    if (text !== undefined && text.trim() !== '') items.push(textItem(text))
  }
  return items
}

function textOf(part: Part, where: string): string | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text
    case 'document':
      return documentText(part)
    case 'reasoning':
    case 'server_tool':
    case 'opaque':
      return undefined
    case 'image':
    case 'audio':
    case 'video':
    case 'tool_call':
    case 'tool_result':
      throw misplaced(part.type, where)
  }
}

function documentText(part: MediaPart): string {
  if (part.source.kind === 'text') return part.source.text
  if (part.source.kind === 'inline' && part.mediaType?.startsWith('text/')) {
    return Buffer.from(part.source.base64, 'base64').toString('utf8')
  }
  throw new Problem('unsupported_media_type', {
    detail: 'Cohere models read documents as plain text only.',
    mend: 'Send the text of the document, or choose a model that reads the file.',
    param: 'messages',
  })
}

const textItem = (text: string): JsonObject => ({ type: 'text', text })

/** Plain text travels as a string. */
function contentField(items: readonly JsonObject[]): JsonValue {
  const [only] = items
  return items.length === 1 && only?.['type'] === 'text' ? (only['text'] ?? items) : items
}

function requireAnswered(open: ReadonlySet<string>): void {
  if (open.size === 0) return
  throw new Problem('invalid_value', {
    detail: `The conversation has no result for the tool call ${[...open].join(', ')}.`,
    mend: 'Send a tool result for every call, directly after the assistant message that made it.',
    param: 'messages',
  })
}

function orphan(callId: string): Problem {
  return new Problem('invalid_value', {
    detail: `The tool result ${callId} does not answer a call of the assistant message before it.`,
    mend: 'Send each tool result once, directly after the assistant message that made the call.',
    param: 'messages',
  })
}

function misplaced(what: string, where: string): Problem {
  return new Problem('unsupported_feature', {
    detail: `Cohere does not take a ${what.replace('_', ' ')} in ${where}.`,
    mend: 'Leave it out, or choose a model that takes it.',
    param: 'messages',
  })
}
