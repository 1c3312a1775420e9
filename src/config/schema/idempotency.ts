/** Settings of requests that are sent again under an idempotency key. */
import { z } from 'zod'
import { count, milliseconds } from '#config/schema/value-forms.ts'

const mebibyte = 1_048_576

export const idempotencySettings = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe(
        'Whether a request with an Idempotency-Key header is carried out once; if not, the header is ignored.',
      ),
    remember_ms: milliseconds(60_000)
      .default(86_400_000)
      .describe('How long a key, a digest of its request and what it cost are remembered.'),
    lease_ms: milliseconds(1000)
      .default(30_000)
      .describe('When an instance dies in mid-call, the next request under the key may ask after this long.'),
    wait_ms: milliseconds(0)
      .default(30_000)
      .describe(
        'How long a repetition waits for a call at another instance; then it gets 409 and retry-after.',
      ),
    waiting_max: count(0, 1_000_000)
      .default(1000)
      .describe(
        'Most repetitions that wait at once for other instances; more get 409 and retry-after at once.',
      ),
    stream_bytes_max: count(1024, 1_073_741_824)
      .default(4 * mebibyte)
      .describe(
        'What a running stream keeps for repetitions that join it from the beginning, in bytes of memory.',
      ),
    linger_ms: milliseconds(0)
      .default(0)
      .describe(
        'How long a call goes on after everybody who waited for it has left, so that a repetition finds it.',
      ),
    answers_kept_ms: milliseconds(0)
      .default(0)
      .describe(
        'How long answers are kept, encrypted, to be given again; 0 keeps none, and repetitions get 409 with the usage.',
      ),
    answers_handed_ms: z
      .union([milliseconds(0), z.literal('auto')])
      .default('auto')
      .describe(
        'Where answers are not kept: how long one lies, encrypted, in the shared store for those who wait for it at other instances when it ends; 0 stores none, and they get 409 with the usage. auto is 10000 in Redis, and 0 in PostgreSQL, which writes to disk.',
      ),
    answer_bytes_max: count(1024, 1_073_741_824)
      .default(2 * mebibyte)
      .describe('A larger answer than this, encrypted, is neither kept nor handed over, in bytes.'),
  })
  .describe('Requests that are sent again under the same Idempotency-Key header.')
