/** POST /v1/responses/input_tokens: how many tokens a request to the Responses API would count as, for every model. */
import { z } from 'zod'
import type { CountAnswer } from '#core/domain/errand.ts'
import type { SurfaceHead } from '#http/attendance.ts'
import type { ErrandRequest } from '#http/errand.ts'
import type { JsonBody } from '#http/json-body.ts'
import type { Resolution } from '#http/openai/responses/kept-conversation.ts'
import { responseRequest } from '#http/openai/responses/response-request-schema.ts'
import { readNativeQuestion } from '#http/openai/responses/responses.ts'
import { parseWith } from '#http/schema-problem.ts'
import { readWishes } from '#http/wishes.ts'

export const inputTokensAnswer = z
  .looseObject({
    object: z.literal('response.input_tokens'),
    input_tokens: z.int().describe('Estimated when x-signalbox-estimated is true.'),
  })
  .meta({ id: 'ResponseInputTokens' })

/** `resolution`: of a request in which kept items were put in place. */
export function readInputTokens(
  body: JsonBody,
  { headers }: SurfaceHead,
  resolution?: Resolution,
): ErrandRequest<'count-tokens'> {
  const request = parseWith(responseRequest, body.value)
  return {
    asked: {
      door: 'openai-input-tokens',
      dialect: 'openai-responses',
      errand: { kind: 'count-tokens', question: readNativeQuestion(request, body, resolution) },
      modelAsked: request.model ?? undefined,
      userId: request.user ?? request.safety_identifier ?? undefined,
      ...readWishes(headers),
    },
    write: (answer) => writeCount(answer),
  }
}

function writeCount({ inputTokens, native }: CountAnswer): Uint8Array {
  if (native?.dialect === 'openai-responses') return native.bytes
  return Buffer.from(JSON.stringify({ object: 'response.input_tokens', input_tokens: inputTokens }))
}
