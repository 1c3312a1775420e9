/** The request and the answer of POST /v2/embed. Members that the request does not name pass through to Cohere. */
import { z } from 'zod'

const embedContent = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({
    type: z.literal('image_url'),
    image_url: z.object({ url: z.string().describe('A data URL with base64 data.') }),
  }),
])

export const vectorForms = ['float', 'int8', 'uint8', 'binary', 'ubinary', 'base64'] as const

export const embedRequest = z
  .looseObject({
    model: z.string().describe('An embedding model of GET /v1/models.'),
    texts: z.array(z.string()).nullish(),
    images: z.array(z.string()).nullish().describe('Data URLs.'),
    inputs: z
      .array(z.object({ content: z.array(embedContent).min(1) }))
      .nullish()
      .describe('Texts and images that are embedded together.'),
    input_type: z.enum(['search_document', 'search_query', 'classification', 'clustering', 'image']),
    embedding_types: z
      .array(z.enum(vectorForms))
      .min(1)
      .nullish()
      .describe('float and base64 come from every model, the others from those of Cohere alone.'),
    output_dimension: z.int().min(1).nullish(),
    max_tokens: z.int().min(1).nullish().describe('Longer inputs are cut. Models of Cohere alone.'),
    truncate: z.enum(['NONE', 'START', 'END']).nullish(),
  })
  .meta({ id: 'CohereEmbedRequest' })

const vectors = z.array(z.array(z.number()))

export const embedAnswer = z
  .looseObject({
    id: z.string(),
    embeddings: z.object({
      float: vectors.optional(),
      int8: vectors.optional(),
      uint8: vectors.optional(),
      binary: vectors.optional(),
      ubinary: vectors.optional(),
      base64: z.array(z.string()).optional(),
    }),
    texts: z.array(z.string()).optional(),
    meta: z.looseObject({ billed_units: z.looseObject({ input_tokens: z.int() }) }),
    response_type: z.literal('embeddings_by_type'),
  })
  .meta({ id: 'CohereEmbedAnswer' })
