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

export const createTypicalWait = (clock: Clock): TypicalWait => new LatestWaits(clock)

class LatestWaits implements TypicalWait {
  readonly #clock: Clock
  readonly #waits = new Float64Array(kept)
  #count = 0
  /** Of the last ones, fresh or not. */
  #everKnown = 0
  #notedAtMs = 0
  #median: number | undefined
  #slowest: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(tookMs: number): void {
    const now = this.#clock.monotonicMs()
    if (now - this.#notedAtMs > freshMs) this.#count = 0
    const at = this.#count % kept
    // The slowest is known as long as it is neither passed nor overwritten.
    if (this.#slowest !== undefined && this.#waits[at] === this.#slowest) this.#slowest = undefined
    else if (this.#slowest !== undefined && tookMs > this.#slowest) this.#slowest = tookMs
    this.#waits[at] = tookMs
    this.#count++
    this.#everKnown = Math.min(kept, this.#everKnown + 1)
    this.#notedAtMs = now
    this.#median = undefined
  }

  isTooShort(leftMs: number): boolean {
    // Looked at for every request, where the median is dear to find.
    return leftMs < this.#slowestOfAll() && leftMs < (this.medianMs ?? 0)
  }

  slowMs(samplesLeast: number): number | undefined {
    const known = Math.min(this.#count, kept)
    if (known < samplesLeast || this.medianMs === undefined) return undefined
    return this.#waits.slice(0, known).sort()[Math.min(known - 1, Math.floor(known * slowShare))]
  }

  get slowestMs(): number | undefined {
    return this.#everKnown < enough ? undefined : this.#slowestOfAll()
  }

  get medianMs(): number | undefined {
    const known = Math.min(this.#count, kept)
    if (known < enough || this.#clock.monotonicMs() - this.#notedAtMs > freshMs) return undefined
    this.#median ??= this.#waits.slice(0, known).sort()[known >> 1]
    return this.#median
  }

  #slowestOfAll(): number {
    this.#slowest ??= this.#waits.subarray(0, this.#everKnown).reduce((most, wait) => Math.max(most, wait), 0)
    return this.#slowest
  }
}
