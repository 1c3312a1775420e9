/** The answer of POST /v1/chat/completions, for the reference. */
import { z } from 'zod'

const completionUsage = z.looseObject({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
})

export const chatCompletion = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          refusal: z.string().nullable(),
          tool_calls: z.array(z.looseObject({ id: z.string(), type: z.string() })).optional(),
          reasoning_content: z.string().optional().describe('Shown thinking, where the model gives it.'),
        }),
        finish_reason: z.string(),
      }),
    ),
    usage: completionUsage,
  })
  .describe('With `stream: true`: chat.completion.chunk objects as server-sent events, ended by [DONE].')
  .meta({ id: 'ChatCompletion' })
