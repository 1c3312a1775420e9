/** POST /v1/moderations: the OpenAI moderation API, for every model that judges content. */
import type { z } from 'zod'
import type { Part } from '#core/domain/chat.ts'
import type { ErrandInput, ModerateAnswer, ModerateErrand } from '#core/domain/errand.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import type { ReadErrand } from '#http/errand.ts'
import { readImageUrl } from '#http/media.ts'
import { moderationsRequest } from '#http/openai/moderations-schema.ts'
import { parseWith } from '#http/schema-problem.ts'
import { readWishes } from '#http/wishes.ts'

/** Source: OpenAI API reference, "Create moderation": what answers when no model is named. */
const usualModel = 'omni-moderation-latest'

export const readModerations: ReadErrand<'moderate'> = (body, { headers, requestId }) => {
  if (body.value['input'] === undefined || body.value['input'] === null) {
    throw new Problem('missing_field', { param: 'input', detail: 'input is required.' })
  }
  const request = parseWith(moderationsRequest, body.value)
  const errand: ModerateErrand = {
    kind: 'moderate',
    inputs: readInputs(request.input),
    native: { dialect: 'openai-chat', body: body.value, text: body.text, members: body.members },
  }
  return {
    asked: {
      door: 'openai-moderations',
      dialect: 'openai-chat',
      errand,
      modelAsked: request.model ?? usualModel,
      userId: undefined,
      ...readWishes(headers),
    },
    write: (answer, receipt) => writeVerdicts(answer, receipt, requestId),
  }
}

function readInputs(input: z.output<typeof moderationsRequest>['input']): readonly ErrandInput[] {
  if (typeof input === 'string') return [{ kind: 'text', text: input }]
  const texts: ErrandInput[] = []
  const parts: Part[] = []
  for (const [at, entry] of input.entries()) {
    if (typeof entry === 'string') texts.push({ kind: 'text', text: entry })
    else if (entry.type === 'text') parts.push(entry)
    else parts.push(readImageUrl(entry.image_url.url, `input[${at}].image_url.url`))
  }
  return parts.length > 0 ? [{ kind: 'mixed', parts }] : texts
}

function writeVerdicts(answer: ModerateAnswer, receipt: Receipt, requestId: string): Uint8Array {
  if (answer.native?.dialect === 'openai-chat') return answer.native.bytes
  return Buffer.from(
    JSON.stringify({
      id: answer.id || `modr-${requestId}`,
      model: answer.model || receipt.model,
      results: answer.results.map(({ isFlagged, categories, scores, inputTypes }) => ({
        flagged: isFlagged,
        categories,
        category_scores: scores,
        ...(inputTypes ? { category_applied_input_types: inputTypes } : {}),
      })),
    }),
  )
}
