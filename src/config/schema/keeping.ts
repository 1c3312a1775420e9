/** Settings of what is kept: answers in the cache, rows of usage, the model catalogue. */
import { z } from 'zod'
import { count, line, milliseconds } from '#config/schema/value-forms.ts'

const mebibyte = 1_048_576
const yearSeconds = 31_536_000

export const cacheSettings = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether answers to the same question may be given again.'),
    redis_url: line
      .optional()
      .describe('A shared cache; accepted, and not live in this version: answers are kept in memory.'),
    default_ttl: count(1, yearSeconds).default(3600).describe('How long an answer is kept, in seconds.'),
    entries_max: count(1, 10_000_000).default(10_000).describe('Most answers kept at once.'),
    bytes_max: count(mebibyte, 1_099_511_627_776)
      .default(128 * mebibyte)
      .describe('Most memory for kept answers, in bytes.'),
    entry_bytes_max: count(1024, 1_073_741_824)
      .default(2 * mebibyte)
      .describe('A larger answer than this is not kept, in bytes.'),
    same_question_wait_ms: milliseconds(0)
      .default(10_000)
      .describe(
        'How long a question whose answer could be kept waits while the same question of its tenant is being asked, instead of asking too; 0 never. Streams do not wait.',
      ),
  })
  .describe('The cache of answers. Nothing crosses from one tenant to another.')

export const analyticsSettings = z
  .strictObject({
    flush_ms: milliseconds(10).default(1000).describe('How often rows of usage are written.'),
    batch_rows: count(1, 100_000).default(500).describe('Most rows in one write.'),
    waiting_rows_max: count(1, 10_000_000).default(50_000).describe('Most rows waiting to be written.'),
    keep_days: count(1, 36_500).optional().describe('Older rows are removed; left out, they stay for good.'),
  })
  .describe('Records of usage and cost. They never hold prompts or answers.')

export const catalogSettings = z
  .strictObject({
    file: line.optional().describe('Another model catalogue in place of config/model_catalog.yaml.'),
    overrides: line
      .optional()
      .describe('A second catalogue file whose models and aliases replace or extend the first.'),
  })
  .describe('The models, what they can do and what they cost.')
