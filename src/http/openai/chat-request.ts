/** Reading the request of POST /v1/chat/completions: its members and those of each message, as far as they are there. */
import { z } from 'zod'
import { createMemberReader } from '#http/member-reader.ts'
import { chatRequest, wireMessage } from '#http/openai/chat-schema.ts'
import type { ChatRequest } from '#http/openai/chat-schema.ts'

const readMembers = createMemberReader(chatRequest.extend({ messages: z.array(z.unknown()).min(1) }))
const readMessage = createMemberReader(wireMessage)

/** Throws what `parseWith` throws. */
export function readChatRequest(value: unknown): ChatRequest {
  const request = readMembers(value)
  const messages = request.messages.map((message, position) => readMessage(message, `messages[${position}]`))
  return { ...request, messages }
}
