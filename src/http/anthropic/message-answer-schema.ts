/** The answer of POST /v1/messages, for the reference. */
import { z } from 'zod'

export const messageAnswer = z
  .looseObject({
    id: z.string(),
    type: z.literal('message'),
    role: z.literal('assistant'),
    model: z.string(),
    content: z.array(z.looseObject({ type: z.string() })),
    stop_reason: z.string().nullable(),
    stop_sequence: z.string().nullable(),
    usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }),
  })
  .describe('With `stream: true`: the events of the Messages API, from message_start to message_stop.')
  .meta({ id: 'Message' })
