/** The request and the answer of POST /v2/rerank. Members that the request does not name pass through to Cohere. */
import { z } from 'zod'

export const rerankRequest = z
  .looseObject({
    model: z.string().describe('A model of GET /v1/models that ranks.'),
    query: z.string().min(1),
    documents: z
      .array(z.string())
      .min(1)
      .max(10_000)
      .describe('Texts; write structured data as YAML. More than 1,000 are slow.'),
    top_n: z.int().min(1).nullish().describe('How many of the best to return; all when left out.'),
    max_tokens_per_doc: z.int().min(1).nullish().describe('Longer documents are cut.'),
  })
  .meta({ id: 'CohereRerankRequest' })

export const rerankAnswer = z
  .looseObject({
    id: z.string(),
    results: z.array(z.looseObject({ index: z.int(), relevance_score: z.number() })).describe('Best first.'),
    meta: z.looseObject({ billed_units: z.looseObject({ search_units: z.int().optional() }) }),
  })
  .meta({ id: 'CohereRerankAnswer' })
