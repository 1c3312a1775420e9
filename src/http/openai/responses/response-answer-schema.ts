/** The answer of POST /v1/responses, for the reference. */
import { z } from 'zod'

export const responseAnswer = z
  .looseObject({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int(),
    status: z.enum(['completed', 'incomplete', 'failed']),
    error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
    incomplete_details: z.looseObject({ reason: z.string() }).nullable(),
    model: z.string(),
    output: z
      .array(z.looseObject({ id: z.string(), type: z.string() }))
      .describe(
        'message, reasoning, function_call and custom_tool_call items. Send them back as they are: encrypted_content of a reasoning item holds what a provider wants to see again.',
      ),
    store: z.boolean(),
    usage: z.looseObject({
      input_tokens: z.int(),
      input_tokens_details: z.looseObject({ cached_tokens: z.int() }),
      output_tokens: z.int(),
      output_tokens_details: z.looseObject({ reasoning_tokens: z.int() }),
      total_tokens: z.int(),
    }),
  })
  .describe(
    'With `stream: true`: server-sent events from response.created to response.completed, response.incomplete or response.failed.',
  )
  .meta({ id: 'Response' })
