/** A sliding window of outcomes: what happened lately, counted in slices of which the oldest falls off. */
import type { Clock } from '#core/domain/clock.ts'

export interface OutcomeWindow {
  count(outcome: 'success' | 'failure'): void
  /** A measured wait for the first content. */
  countFirstToken(isSlow: boolean): void
  readonly counted: number
  /** Share of failures; 0 before anything was counted. */
  readonly failureRate: number
  /** Share of successes, or undefined before anything was counted. */
  readonly successRate: number | undefined
  /** How many waits were measured. */
  readonly measured: number
  /** Share of waits that were too long; 0 before any was measured. */
  readonly slowRate: number
  clear(): void
}

const sliceCount = 10
/** One row of slices for each thing that is counted. */
const successes = 0
const failures = sliceCount
const prompts = 2 * sliceCount
const slows = 3 * sliceCount

export const createOutcomeWindow = (clock: Clock, windowMs: () => number): OutcomeWindow =>
  new SlicedWindow(clock, windowMs)

class SlicedWindow implements OutcomeWindow {
  readonly #slices: ReturnType<typeof createSlices>

  constructor(clock: Clock, windowMs: () => number) {
    this.#slices = createSlices(clock, windowMs)
  }

  count(outcome: 'success' | 'failure'): void {
    this.#slices.add(outcome === 'success' ? successes : failures)
  }

  countFirstToken(isSlow: boolean): void {
    this.#slices.add(isSlow ? slows : prompts)
  }

  get counted(): number {
    return this.#total(successes, failures)
  }

  get failureRate(): number {
    return this.#share(failures, successes) ?? 0
  }

  get successRate(): number | undefined {
    return this.#share(successes, failures)
  }

  get measured(): number {
    return this.#total(slows, prompts)
  }

  get slowRate(): number {
    return this.#share(slows, prompts) ?? 0
  }

  clear(): void {
    this.#slices.clear()
  }

  #total(one: number, other: number): number {
    return this.#slices.total(one) + this.#slices.total(other)
  }

  #share(of: number, beside: number): number | undefined {
    const part = this.#slices.total(of)
    const whole = part + this.#slices.total(beside)
    return whole === 0 ? undefined : part / whole
  }
}

/** Counts by row and slice of time; a slice that is as old as the window is emptied for the next. */
function createSlices(clock: Clock, windowMs: () => number) {
  const counts = new Uint32Array(4 * sliceCount)
  let slice = 0
  let sliceMs = windowMs() / sliceCount

  /** A reload changed the window: slices of another length have other numbers, so counting begins anew. */
  const begin = (newSliceMs: number): void => {
    sliceMs = newSliceMs
    slice = Math.floor(clock.monotonicMs() / sliceMs)
    counts.fill(0)
  }
  /** Moves to the slice of this moment, emptying the ones skipped. */
  const turn = (): number => {
    const currentSliceMs = windowMs() / sliceCount
    if (currentSliceMs !== sliceMs) begin(currentSliceMs)
    const now = Math.floor(clock.monotonicMs() / sliceMs)
    const steps = Math.min(sliceCount, now - slice)
    for (let step = 1; step <= steps; step++) {
      const position = (slice + step) % sliceCount
      for (let row = 0; row < counts.length; row += sliceCount) counts[row + position] = 0
    }
    slice = Math.max(slice, now)
    return slice % sliceCount
  }
  return {
    add: (row: number): void => {
      const position = row + turn()
      counts[position] = (counts[position] ?? 0) + 1
    },
    total: (row: number): number => {
      turn()
      let sum = 0
      for (let position = 0; position < sliceCount; position++) sum += counts[row + position] ?? 0
      return sum
    },
    clear: (): void => {
      counts.fill(0)
    },
  }
}
