/** The answer of POST /v2/chat, for the reference. */
import { z } from 'zod'

const counts = z.looseObject({ input_tokens: z.int(), output_tokens: z.int() })

export const chatReply = z
  .looseObject({
    id: z.string(),
    finish_reason: z.string().describe('COMPLETE, STOP_SEQUENCE, MAX_TOKENS, TOOL_CALL or ERROR.'),
    message: z.looseObject({
      role: z.literal('assistant'),
      content: z
        .array(
          z.looseObject({
            type: z.string().describe('text or thinking.'),
            text: z.string().optional(),
            thinking: z.string().optional(),
            is_refusal: z.boolean().optional().describe('The model refused to answer, in these words.'),
            carried: z.string().optional().describe('To be returned unchanged with the message.'),
          }),
        )
        .optional(),
      tool_plan: z.string().optional(),
      tool_calls: z
        .array(
          z.looseObject({
            id: z.string(),
            type: z.literal('function'),
            function: z.object({ name: z.string(), arguments: z.string() }),
            carried: z.string().optional().describe('To be returned unchanged with the message.'),
          }),
        )
        .optional(),
      citations: z.array(z.looseObject({ start: z.int(), end: z.int(), text: z.string() })).optional(),
    }),
    usage: z.looseObject({ billed_units: counts, tokens: counts, cached_tokens: z.int().optional() }),
    logprobs: z.array(z.looseObject({ text: z.string(), logprobs: z.array(z.number()) })).optional(),
  })
  .describe(
    'With `stream: true`: events from message-start to message-end as server-sent events, then [DONE].',
  )
  .meta({ id: 'CohereChat' })
