/** POST /v1/messages: the Anthropic Messages API, read into a question and written back. */
import { estimateInput } from '#core/domain/estimate.ts'
import { anthropicHeaders } from '#http/anthropic/answer-headers.ts'
import { checkCacheMarks } from '#http/anthropic/cache-rules.ts'
import { writeMessage } from '#http/anthropic/message-answer.ts'
import { readMessageQuestion } from '#http/anthropic/message-question.ts'
import { messageRequest } from '#http/anthropic/message-schema.ts'
import { createMessageForm } from '#http/anthropic/message-stream.ts'
import { refuseContradictions } from '#http/anthropic/option-rules.ts'
import { checkTurns } from '#http/anthropic/turn-rules.ts'
import type { ReadSurface } from '#http/inference.ts'
import { createMemberReader } from '#http/member-reader.ts'
import { readWishes } from '#http/wishes.ts'

const readMembers = createMemberReader(messageRequest)

export const readMessageRequest: ReadSurface = (body, { headers, requestId, nowMs }) => {
  const request = readMembers(body.value)
  refuseContradictions(request, String(headers['anthropic-beta'] ?? ''))
  checkCacheMarks(request)
  checkTurns(request)
  const question = readMessageQuestion(request, body, headers)
  const head = {
    id: `msg_${requestId}`,
    stopSequences: question.stopSequences ?? [],
    estimateInputTokens: () => estimateInput(question).likely,
  }
  return {
    asked: {
      door: 'anthropic-messages',
      dialect: 'anthropic-messages',
      question,
      modelAsked: request.model,
      userId: request.metadata?.user_id ?? undefined,
      ...readWishes(headers),
    },
    writeWhole: (answer, receipt) => writeMessage(answer, receipt, head),
    openForm: () => createMessageForm(head),
    headers: (receipt) => anthropicHeaders(receipt, nowMs),
  }
}
