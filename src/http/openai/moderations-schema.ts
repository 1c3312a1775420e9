/** The request and the answer of POST /v1/moderations. */
import { z } from 'zod'

const moderationPart = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({
    type: z.literal('image_url'),
    image_url: z.object({ url: z.string().describe('A data URL with base64 data, or an http(s) URL.') }),
  }),
])

export const moderationsRequest = z
  .looseObject({
    model: z.string().nullish().describe('omni-moderation-latest when left out.'),
    input: z
      .union([z.string(), z.array(z.string()).min(1).max(2_048), z.array(moderationPart).min(1).max(256)])
      .describe('A text, texts that are judged one by one, or text and images that are judged together.'),
  })
  .meta({ id: 'ModerationsRequest' })

export const moderationsAnswer = z
  .looseObject({
    id: z.string(),
    model: z.string(),
    results: z.array(
      z.looseObject({
        flagged: z.boolean(),
        categories: z.record(z.string(), z.boolean()),
        category_scores: z.record(z.string(), z.number()),
      }),
    ),
  })
  .meta({ id: 'ModerationsAnswer' })
