/** Keys that are spared for every model of their provider: refused, missing, or without quota. */
import type { Clock } from '#core/domain/clock.ts'
import { createRecentNames } from '#services/resilience/recent-names.ts'

export interface KeyRests {
  /** `key` is the provider's name and the track's. */
  rest(key: string, forMs: number): void
  /** There is no reason any more. */
  end(key: string): void
  /** For how much longer, in milliseconds; 0 when it is not spared. */
  leftMs(key: string): number
}

export function createKeyRests(clock: Clock): KeyRests {
  const rests = createRecentNames(() => ({ untilMs: 0 }))
  return {
    rest(key, forMs) {
      const known = rests.use(key)
      known.untilMs = Math.max(known.untilMs, clock.monotonicMs() + forMs)
    },
    end(key) {
      const known = rests.peek(key)
      if (known) known.untilMs = 0
    },
    leftMs(key) {
      const known = rests.peek(key)
      return known === undefined ? 0 : Math.max(0, known.untilMs - clock.monotonicMs())
    },
  }
}
