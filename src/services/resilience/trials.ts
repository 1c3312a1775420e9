/** The trials of a half-open breaker: one at first, then one more for each that was heard. */
import type { Clock } from '#core/domain/clock.ts'

/** One request that tries a track again. */
export interface Trial {
  /** By the monotonic clock. */
  readonly sentAtMs: number
  /** Whether it says anything about the round that runs now; one that is late does not. */
  readonly isCurrent: boolean
  /** Something has come of it: it keeps nobody out any more, and one more may try at once. */
  heard(): void
  /** Its end, whatever it was. */
  leave(): void
}

export interface Trials {
  /** Begins a round. A trial of which nothing has come keeps others out for this long and no longer. */
  begin(keepsOutMs: number): void
  readonly hasRoom: boolean
  start(): Trial
  /** When the round began; calls from before say nothing about it. */
  readonly sinceMs: number
}

interface Round {
  readonly sinceMs: number
  readonly keepsOutMs: number
  lastSentAtMs: number
  /** How many wait for their first words. */
  waiting: number
  heard: number
}

export function createTrials(clock: Clock): Trials {
  let round: Round = { sinceMs: 0, keepsOutMs: 0, lastSentAtMs: 0, waiting: 0, heard: 0 }

  return {
    begin(keepsOutMs) {
      const now = clock.monotonicMs()
      round = { sinceMs: now, keepsOutMs, lastSentAtMs: now, waiting: 0, heard: 0 }
    },
    get hasRoom() {
      const { waiting, heard, lastSentAtMs, keepsOutMs } = round
      return waiting <= heard || clock.monotonicMs() - lastSentAtMs >= keepsOutMs
    },
    start() {
      const own = round
      const sentAtMs = clock.monotonicMs()
      own.lastSentAtMs = sentAtMs
      own.waiting++
      let isWaiting = true
      const stopWaiting = (): void => {
        if (isWaiting) own.waiting--
        isWaiting = false
      }
      return {
        sentAtMs,
        get isCurrent() {
          return own === round
        },
        heard() {
          if (isWaiting) own.heard++
          stopWaiting()
        },
        leave: stopWaiting,
      }
    },
    get sinceMs() {
      return round.sinceMs
    },
  }
}
