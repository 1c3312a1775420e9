/** POST /v1/chat/completions: the OpenAI chat API, read into a question and written back. */
import type { ReadSurface } from '#http/inference.ts'
import { writeCompletion } from '#http/openai/chat-answer.ts'
import { readChatQuestion } from '#http/openai/chat-question.ts'
import { readChatRequest } from '#http/openai/chat-request.ts'
import { createChunkForm } from '#http/openai/chat-stream.ts'
import { readWishes } from '#http/wishes.ts'

export const readChatCompletion: ReadSurface = (body, { headers, requestId, nowMs }) => {
  const request = readChatRequest(body.value)
  const question = readChatQuestion(request, body)
  const wishes = readWishes(headers)
  const head = { id: `chatcmpl-${requestId}`, createdAtS: Math.floor(nowMs / 1_000) }
  return {
    asked: {
      ...wishes,
      door: 'openai-chat',
      dialect: 'openai-chat',
      question,
      modelAsked: request.model ?? undefined,
      userId: request.user ?? request.safety_identifier ?? undefined,
    },
    writeWhole: (answer, receipt) => writeCompletion(answer, receipt, head),
    openForm: () => createChunkForm(head, question.native?.isUsageWanted === true),
  }
}
