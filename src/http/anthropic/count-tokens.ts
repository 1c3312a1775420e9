/** POST /v1/messages/count_tokens: how many tokens a request to the Messages API would count as, for every model. */
import { z } from 'zod'
import type { CountAnswer } from '#core/domain/errand.ts'
import { anthropicHeaders } from '#http/anthropic/answer-headers.ts'
import { readMessageQuestion } from '#http/anthropic/message-question.ts'
import { messageRequest } from '#http/anthropic/message-schema.ts'
import { refuseContradictions } from '#http/anthropic/option-rules.ts'
import { checkTurns } from '#http/anthropic/turn-rules.ts'
import type { ReadErrand } from '#http/errand.ts'
import { parseWith } from '#http/schema-problem.ts'
import { readWishes } from '#http/wishes.ts'

/** The request of the Messages API, of which nothing is answered. */
export const countRequest = messageRequest
  .extend({ max_tokens: messageRequest.shape.max_tokens.nullish() })
  .meta({ id: 'MessageCountRequest' })

export const countAnswer = z
  .looseObject({ input_tokens: z.int().describe('Estimated when x-signalbox-estimated is true.') })
  .meta({ id: 'MessageCount' })

/** Any budget for thinking is below this. */
const anyTokens = 10_000_000

export const readMessageCount: ReadErrand<'count-tokens'> = (body, { headers, nowMs }) => {
  const parsed = parseWith(countRequest, body.value)
  const request = { ...parsed, max_tokens: parsed.max_tokens ?? anyTokens }
  refuseContradictions(request, String(headers['anthropic-beta'] ?? ''))
  checkTurns(request)
  return {
    asked: {
      door: 'anthropic-count-tokens',
      dialect: 'anthropic-messages',
      errand: { kind: 'count-tokens', question: readMessageQuestion(request, body, headers) },
      modelAsked: request.model,
      userId: request.metadata?.user_id ?? undefined,
      ...readWishes(headers),
    },
    write: (answer) => writeCount(answer),
    headers: (receipt) => anthropicHeaders(receipt, nowMs),
  }
}

function writeCount({ inputTokens, native }: CountAnswer): Uint8Array {
  if (native?.dialect === 'anthropic-messages') return native.bytes
  return Buffer.from(JSON.stringify({ input_tokens: inputTokens }))
}
