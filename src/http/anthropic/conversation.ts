/** Instructions and messages of a request as the gateway's own. */
import type { ChatMessage, Part } from '#core/domain/chat.ts'
import { readBlocks } from '#http/anthropic/block-parts.ts'
import { cacheHintOf } from '#http/anthropic/cache-schema.ts'
import type { MessageRequest, WireMessage } from '#http/anthropic/message-schema.ts'

export interface ReadConversation {
  readonly messages: readonly ChatMessage[]
  /** Some block holds what only Signalbox understands. */
  readonly hasForeign: boolean
}

/** Throws as `readBlocks` does. */
export function readConversation({ system, messages: wire }: MessageRequest): ReadConversation {
  const messages: ChatMessage[] = []
  let hasForeign = false
  if (system) {
    const parts = typeof system === 'string' ? textParts(system) : readBlocks(system, 'system').parts
    if (parts.length > 0) messages.push({ role: 'system', parts })
  }
  for (let index = 0; index < wire.length; index++) {
    const message = wire[index]
    if (message && addMessage(messages, message, index)) hasForeign = true
  }
  return { messages, hasForeign }
}

/** Returns whether something foreign is in it. */
function addMessage(messages: ChatMessage[], { role, content }: WireMessage, index: number): boolean {
  if (typeof content === 'string') {
    messages.push({ role, parts: textParts(content) })
    return false
  }
  const { parts, hasForeign } = readBlocks(content, `messages[${index}].content`)
  if (role !== 'user') messages.push({ role, parts })
  else addUser(messages, parts)
  return hasForeign
}

/** Results of tools come first in a turn, and are a message of their own. */
function addUser(messages: ChatMessage[], parts: readonly Part[]): void {
  const results = parts.filter((part) => part.type === 'tool_result')
  if (results.length === 0) {
    messages.push({ role: 'user', parts })
    return
  }
  messages.push({ role: 'tool', parts: results })
  if (results.length < parts.length) {
    messages.push({ role: 'user', parts: parts.filter((part) => part.type !== 'tool_result') })
  }
}

const textParts = (text: string): readonly Part[] => (text === '' ? [] : [{ type: 'text', text }])

/** The same messages with a mark at the very end, which is where a mark for the whole request stands. */
export function markedAtEnd(
  messages: readonly ChatMessage[],
  control: MessageRequest['cache_control'],
): readonly ChatMessage[] {
  const cacheHint = cacheHintOf(control)
  const last = messages.at(-1)
  const part = last?.parts.at(-1)
  if (!cacheHint || !last || !part || part.cacheHint) return messages
  return [...messages.slice(0, -1), { ...last, parts: [...last.parts.slice(0, -1), { ...part, cacheHint }] }]
}
