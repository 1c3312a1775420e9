/** The request and the answer of POST /v1/embeddings. Members that the request does not name pass through. */
import { z } from 'zod'

const tokens = z.array(z.int().min(0)).min(1)

export const embeddingsRequest = z
  .looseObject({
    model: z.string().describe('An embedding model of GET /v1/models.'),
    input: z
      .union([z.string(), z.array(z.string()).min(1), tokens, z.array(tokens).min(1)])
      .describe('A text, texts, the tokens of one text, or of several: at most 2,048.'),
    encoding_format: z
      .string()
      .min(1)
      .nullish()
      .describe(
        'float, or base64 of little-endian 32-bit floats: honoured whatever the model answers in. Other forms reach providers of this API alone.',
      ),
    dimensions: z.int().min(1).nullish().describe('How many numbers each vector shall have.'),
    user: z.string().max(512).nullish().describe('Your own name for the end user.'),
    input_type: z
      .enum(['search_query', 'search_document', 'classification', 'clustering', 'query', 'passage'])
      .nullish()
      .describe(
        'What the vectors are for. An extension: models of Cohere and Google tell purposes apart; Cohere takes a document of a search when none is stated.',
      ),
  })
  .meta({ id: 'EmbeddingsRequest' })

/** `input` is read by hand: a hundred thousand tokens are too many for a schema. */
export const embeddingsMembers = embeddingsRequest.omit({ input: true })

export const embeddingsAnswer = z
  .looseObject({
    object: z.literal('list'),
    data: z.array(
      z.looseObject({
        object: z.literal('embedding'),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: 'EmbeddingsAnswer' })
