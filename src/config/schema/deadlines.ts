/** Settings of the deadlines that some models or routes have in place of the usual ones. */
import { z } from 'zod'
import { milliseconds } from '#config/schema/value-forms.ts'

export const deadlineSettings = z
  .strictObject({
    headers_ms: milliseconds(1)
      .optional()
      .describe(
        'How long the provider may take to accept a stream; left out, at least as long as its first content.',
      ),
    first_token_ms: milliseconds(1)
      .optional()
      .describe(
        'How long it may take to begin its answer, and for a whole answer to give it, thinking or not.',
      ),
    idle_ms: milliseconds(1).optional().describe('Longest silence inside an answer.'),
    total_ms: milliseconds(1)
      .optional()
      .describe('Longest time for a whole request, every attempt included.'),
  })
  .describe('Deadlines in place of the usual ones; what is left out stays as usual.')
