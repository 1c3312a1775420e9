/** A clock that goes on as usual and can leap, so that deadlines pass without anybody waiting for them. */
import type { Clock } from '#core/domain/clock.ts'
import { systemClock } from '#composition/weather.ts'

export interface LeapingClock extends Clock {
  leap(durationMs: number): void
  /** How far it has leapt in all. */
  readonly leaptMs: number
}

export function createLeapingClock(): LeapingClock {
  let leaptMs = 0
  return {
    // Days and budgets go on by the real clock: a leap is a wait, not another day.
    nowMs: () => systemClock.nowMs(),
    monotonicMs: () => systemClock.monotonicMs() + leaptMs,
    leap(durationMs) {
      leaptMs += durationMs
    },
    get leaptMs() {
      return leaptMs
    },
  }
}
