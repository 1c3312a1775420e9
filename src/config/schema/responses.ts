/** Settings of the store of responses. */
import { z } from 'zod'
import { count } from '#config/schema/value-forms.ts'

const mebibyte = 1_048_576

export const responsesSettings = z
  .strictObject({
    store: z
      .enum(['off', 'on'])
      .default('off')
      .describe(
        'Whether responses of /v1/responses are kept, encrypted, so that `previous_response_id` and `item_reference` lead somewhere; `on` needs RESPONSE_STORE_KEYS.',
      ),
    store_ttl_hours: count(1, 8760)
      .default(720)
      .describe(
        'How long a response is kept, in hours; what a new response repeats of older ones is kept as long.',
      ),
    response_bytes_max: count(1024, 67_108_864)
      .default(4 * mebibyte)
      .describe('A response that is larger than this with its whole conversation is not kept, in bytes.'),
    responses_per_tenant_max: count(1, 10_000_000)
      .default(10_000)
      .describe(
        'Most responses kept of a tenant; beyond it, those that would be dropped soonest are dropped.',
      ),
  })
  .describe('What is kept of the OpenAI Responses API.')
