/** POST /v1/embeddings: the OpenAI embeddings API, for every embedding model. */
import type { z } from 'zod'
import type { EmbedAnswer, EmbedErrand, EmbedPurpose } from '#core/domain/errand.ts'
import { vectorToBase64 } from '#core/domain/vector-text.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import type { ReadErrand } from '#http/errand.ts'
import { readEmbeddingInputs } from '#http/openai/embeddings-input.ts'
import { embeddingsMembers, embeddingsRequest } from '#http/openai/embeddings-schema.ts'
import { parseWith } from '#http/schema-problem.ts'
import { unknownMembers } from '#http/unknown-members.ts'
import { readWishes } from '#http/wishes.ts'

const knownNames: ReadonlySet<string> = new Set(Object.keys(embeddingsRequest.shape))

type Members = z.output<typeof embeddingsMembers>

export const readEmbeddings: ReadErrand<'embed'> = (body, { headers }) => {
  const request = parseWith(embeddingsMembers, body.value)
  const form = request.encoding_format ?? 'float'
  const isBase64 = form === 'base64'
  const errand: EmbedErrand = {
    kind: 'embed',
    inputs: readEmbeddingInputs(body.value['input']),
    forms: [isBase64 ? 'base64' : 'float'],
    dimensions: request.dimensions ?? undefined,
    purpose: purposeOf(request.input_type),
    endUser: request.user ?? undefined,
    ownWish: form === 'float' || isBase64 ? undefined : 'encoding_format',
    unsaid: unknownMembers(body.value, knownNames),
    native: { dialect: 'openai-chat', body: body.value, text: body.text, members: body.members },
  }
  return {
    asked: {
      door: 'openai-embeddings',
      dialect: 'openai-chat',
      errand,
      modelAsked: request.model,
      userId: errand.endUser,
      ...readWishes(headers),
    },
    write: (answer, receipt) => writeEmbeddings(answer, receipt, isBase64),
  }
}

function purposeOf(word: Members['input_type']): EmbedPurpose | undefined {
  if (word === 'query') return 'search_query'
  if (word === 'passage') return 'search_document'
  return word ?? undefined
}

function writeEmbeddings(answer: EmbedAnswer, receipt: Receipt, isBase64: boolean): Uint8Array {
  if (answer.native?.dialect === 'openai-chat') return answer.native.bytes
  const tokens = receipt.usage.inputTokens ?? 0
  return Buffer.from(
    JSON.stringify({
      object: 'list',
      data: answer.vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: isBase64 ? vectorToBase64(vector) : vector,
      })),
      model: answer.model || receipt.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }),
  )
}
