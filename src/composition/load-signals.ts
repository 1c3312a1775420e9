/** The signs of this process's own load: how late its event loop is, how full its memory. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { LoadReading } from '#services/load-control/shedding.ts'

/** How finely the loop's delay is sampled; what it reports is at least this. */
const resolutionMs = 10
const nanoPerMs = 1_000_000

/** Reads what happened since it was last read. */
export type ReadLoad = () => LoadReading

/** Begins to watch; `close` ends that. */
export function watchOwnLoad(): { readonly read: ReadLoad; readonly close: () => void } {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  const memoryMax = memoryThatMayBeUsed()
  return {
    read() {
      const loopDelayMs = Math.max(0, delays.percentile(99) / nanoPerMs - resolutionMs)
      delays.reset()
      const heap = getHeapStatistics()
      const heapShare = heap.used_heap_size / heap.heap_size_limit
      return { loopDelayMs, memoryShare: Math.max(heapShare, process.memoryUsage.rss() / memoryMax) }
    },
    close: () => void delays.disable(),
  }
}

/** The limit of the container, where there is one below what the machine has. */
function memoryThatMayBeUsed(): number {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : totalmem()
}
