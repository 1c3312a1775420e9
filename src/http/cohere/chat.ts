/** POST /v2/chat: the Cohere Chat API, version 2, read into a question and written back. */
import { writeChatAnswer } from '#http/cohere/chat-answer.ts'
import { readChatQuestion } from '#http/cohere/chat-question.ts'
import { chatRequest } from '#http/cohere/chat-schema.ts'
import { createCohereForm } from '#http/cohere/chat-stream.ts'
import type { ReadSurface } from '#http/inference.ts'
import { createMemberReader } from '#http/member-reader.ts'
import { readWishes } from '#http/wishes.ts'

const readMembers = createMemberReader(chatRequest)

export const readCohereChat: ReadSurface = (body, { headers, requestId }) => {
  const request = readMembers(body.value)
  return {
    asked: {
      door: 'cohere-chat',
      dialect: 'cohere-chat',
      question: readChatQuestion(request, body),
      modelAsked: request.model ?? undefined,
      // Cohere's API has no name for the end user.
      userId: undefined,
      ...readWishes(headers),
    },
    writeWhole: (answer, receipt) => writeChatAnswer(answer, receipt, requestId),
    openForm: () => createCohereForm(requestId),
  }
}
