/** The settings of load turned into the form that the house reads. */
import type { LoadConfig } from '#config/load-config.ts'
import type { AdminConfig } from '#config/schema.ts'

export function toLoad({ load }: AdminConfig): LoadConfig {
  const { targets, shedding } = load
  return {
    // Bounds that contradict each other: the lower one is what the operator can still afford.
    concurrencyMin: Math.min(targets.concurrency_min, targets.concurrency_max),
    concurrencyMax: targets.concurrency_max,
    queueMax: targets.queue_max,
    queueWaitMs: targets.queue_wait_ms,
    queueWaitBatchMs: targets.queue_wait_batch_ms,
    tenantWeights: new Map(Object.entries(load.tenant_weights)),
    shedding: {
      isEnabled: shedding.enabled,
      loopDelayMs: edges(shedding.loop_delay_ms),
      memoryShare: edges(shedding.memory_share),
    },
  }
}

type Levels = AdminConfig['load']['shedding']['memory_share']

const edges = ({ level_1, level_2, level_3 }: Levels): readonly [number, number, number] => [
  level_1,
  level_2,
  level_3,
]
