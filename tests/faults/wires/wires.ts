/** How each dialect is spoken by the double. */
import type { Dialect } from '#core/domain/chat.ts'
import { anthropicMessagesWire } from '#tests/faults/wires/anthropic-messages.ts'
import { cohereChatWire } from '#tests/faults/wires/cohere-chat.ts'
import { geminiGenerateWire } from '#tests/faults/wires/gemini-generate.ts'
import { openaiChatWire } from '#tests/faults/wires/openai-chat.ts'
import { openaiResponsesWire } from '#tests/faults/wires/openai-responses.ts'
import type { Wire } from '#tests/faults/wires/wire.ts'

export const wires: Readonly<Record<Dialect, Wire>> = {
  'openai-chat': openaiChatWire,
  'openai-responses': openaiResponsesWire,
  'anthropic-messages': anthropicMessagesWire,
  'gemini-generate': geminiGenerateWire,
  'cohere-chat': cohereChatWire,
}
