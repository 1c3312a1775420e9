/** A sliding window of outcomes: how many succeeded and failed lately, counted in slices of which the oldest falls off. */
import type { Clock } from '#core/domain/clock.ts'

export interface OutcomeWindow {
  count(outcome: 'success' | 'failure'): void
  readonly counted: number
  /** Share of failures; 0 before anything was counted. */
  readonly failureRate: number
  /** Share of successes, or undefined before anything was counted. */
  readonly successRate: number | undefined
  clear(): void
}

const sliceCount = 10

export function createOutcomeWindow(clock: Clock, windowMs: () => number): OutcomeWindow {
  const successes = new Float64Array(sliceCount)
  const failures = new Float64Array(sliceCount)
  let slice = 0
  let sliceMs = windowMs() / sliceCount

  /** A reload changed the window: slices of another length have other numbers, so counting begins anew. */
  const begin = (newSliceMs: number): void => {
    sliceMs = newSliceMs
    slice = Math.floor(clock.monotonicMs() / sliceMs)
    successes.fill(0)
    failures.fill(0)
  }
  /** Moves to the slice of this moment, emptying the ones skipped. */
  const turn = (): number => {
    const currentSliceMs = windowMs() / sliceCount
    if (currentSliceMs !== sliceMs) begin(currentSliceMs)
    const now = Math.floor(clock.monotonicMs() / sliceMs)
    const steps = Math.min(sliceCount, now - slice)
    for (let step = 1; step <= steps; step++) {
      const position = (slice + step) % sliceCount
      successes[position] = 0
      failures[position] = 0
    }
    slice = Math.max(slice, now)
    return slice % sliceCount
  }
  const total = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0)

  return {
    count(outcome) {
      const position = turn()
      const counts = outcome === 'success' ? successes : failures
      counts[position] = (counts[position] ?? 0) + 1
    },
    get counted() {
      turn()
      return total(successes) + total(failures)
    },
    get failureRate() {
      turn()
      const failed = total(failures)
      return failed === 0 ? 0 : failed / (failed + total(successes))
    },
    get successRate() {
      turn()
      const succeeded = total(successes)
      const counted = succeeded + total(failures)
      return counted === 0 ? undefined : succeeded / counted
    },
    clear() {
      successes.fill(0)
      failures.fill(0)
    },
  }
}
