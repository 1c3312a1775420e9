/** How long a model usually takes: the median of what was measured lately, for deciding whether asking it is still worth it. */
import type { Clock } from '#core/domain/clock.ts'

export interface TypicalWait {
  note(tookMs: number): void
  /** Whether a call that has this long would more likely than not come too late; false while little is known. */
  isTooShort(leftMs: number): boolean
  /** What nineteen of twenty stay below, or undefined while fewer than so many are known. */
  slowMs(samplesLeast: number): number | undefined
  /** The longest of what was measured last, however long ago, or undefined while little is known. */
  readonly slowestMs: number | undefined
  /** The median in milliseconds, or undefined while little is known. */
  readonly medianMs: number | undefined
}

const kept = 32
/** Fewer measurements than this say nothing. */
const enough = 8
/** The share of measurements that a slow one is above. */
const slowShare = 0.95
/** Older ones say nothing either: a model that was slow once must not be thought slow for good. */
const freshMs = 120_000

export function createTypicalWait(clock: Clock): TypicalWait {
  const waits = new Float64Array(kept)
  let count = 0
  /** Of the last ones, fresh or not. */
  let everKnown = 0
  let notedAtMs = 0
  let median: number | undefined

  const medianMs = (): number | undefined => {
    const known = Math.min(count, kept)
    if (known < enough || clock.monotonicMs() - notedAtMs > freshMs) return undefined
    median ??= waits.slice(0, known).sort()[known >> 1]
    return median
  }
  return {
    note(tookMs) {
      const now = clock.monotonicMs()
      if (now - notedAtMs > freshMs) count = 0
      waits[count % kept] = tookMs
      count++
      everKnown = Math.min(kept, everKnown + 1)
      notedAtMs = now
      median = undefined
    },
    isTooShort(leftMs) {
      return leftMs < (medianMs() ?? 0)
    },
    slowMs(samplesLeast) {
      const known = Math.min(count, kept)
      if (known < samplesLeast || medianMs() === undefined) return undefined
      return waits.slice(0, known).sort()[Math.min(known - 1, Math.floor(known * slowShare))]
    },
    get slowestMs() {
      if (everKnown < enough) return undefined
      let slowest = 0
      for (let at = 0; at < everKnown; at++) slowest = Math.max(slowest, waits[at] ?? 0)
      return slowest
    },
    get medianMs() {
      return medianMs()
    },
  }
}
