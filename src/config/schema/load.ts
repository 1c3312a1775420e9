/** Settings of load: how much each target is given at once, who waits, and who is turned away. */
import { z } from 'zod'
import { count, milliseconds, plainName } from '#config/schema/value-forms.ts'
import { priorities } from '#core/domain/priority.ts'

export const prioritySetting = z.enum(priorities)

const share = z.number().min(0.01).max(1)

const targetSettings = z
  .strictObject({
    concurrency_max: count(1, 1_000_000)
      .default(4000)
      .describe('Most requests that one model of one provider answers at once; it begins with this many.'),
    concurrency_min: count(1, 1_000_000)
      .default(4)
      .describe('It is never given fewer than this, however slow it becomes or often it refuses.'),
    queue_max: count(0, 100_000)
      .default(500)
      .describe('Most requests that wait for one target; 0 lets none wait.'),
    queue_wait_ms: milliseconds(1)
      .default(2000)
      .describe('Longest wait for a place; then the next model is asked, or the request refused.'),
    queue_wait_batch_ms: milliseconds(1)
      .default(30_000)
      .describe('The same for requests of the priority batch.'),
  })
  .describe(
    'How many requests each model of each provider is given at once, found by trying between two bounds.',
  )

/** One edge for each level. */
const levels = (item: z.ZodNumber, usual: readonly [number, number, number]) =>
  z
    .strictObject({
      level_1: item.default(usual[0]).describe('Turns away batch.'),
      level_2: item
        .default(usual[1])
        .describe('Also turns away normal that would have to wait for its target.'),
      level_3: item.default(usual[2]).describe('Turns away all but critical.'),
    })
    .prefault({})
    .refine(({ level_1, level_2, level_3 }) => level_1 <= level_2 && level_2 <= level_3, {
      error: 'must not fall from level to level',
    })

const sheddingSettings = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether requests are turned away when this process is overloaded.'),
    loop_delay_ms: levels(count(1, 60_000), [100, 250, 500]).describe(
      'From which delay of the event loop (99th percentile) on each level holds.',
    ),
    memory_share: levels(share, [0.8, 0.88, 0.94]).describe(
      'From which share of the memory that may be used each level holds: of the heap or of all memory, the fuller.',
    ),
  })
  .describe('Whom to turn away, with 503 and retry-after, before this process itself breaks down.')

export const loadSettings = z
  .strictObject({
    targets: targetSettings.prefault({}),
    tenant_weights: z
      .record(plainName, count(1, 1000))
      .default({})
      .describe('Shares of tenants where requests wait; those not named have 1.'),
    shedding: sheddingSettings.prefault({}),
  })
  .describe('What happens when there is more work than can be done.')
