/** A clock that can leap, so that deadlines pass without anybody waiting for them; in between it goes on as usual or stands. */
import type { Clock } from '#core/domain/clock.ts'
import { systemClock } from '#composition/weather.ts'

export interface LeapingClock extends Clock {
  leap(durationMs: number): void
  /** How far it has leapt in all. */
  readonly leaptMs: number
}

/** A clock that stands between its leaps measures the same on every machine, however busy. */
export function createLeapingClock(between: 'goes on' | 'stands' = 'goes on'): LeapingClock {
  let leaptMs = 0
  const madeAtMs = systemClock.monotonicMs()
  return {
    // Days and budgets go on by the real clock: a leap is a wait, not another day.
    nowMs: () => systemClock.nowMs(),
    monotonicMs: () => (between === 'stands' ? madeAtMs : systemClock.monotonicMs()) + leaptMs,
    leap(durationMs) {
      leaptMs += durationMs
    },
    get leaptMs() {
      return leaptMs
    },
  }
}
