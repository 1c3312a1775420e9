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
  isCurrent: boolean
}

const roundFrom = (sinceMs: number, keepsOutMs: number): Round => ({
  sinceMs,
  keepsOutMs,
  lastSentAtMs: sinceMs,
  waiting: 0,
  heard: 0,
  isCurrent: true,
})

export const createTrials = (clock: Clock): Trials => new TrialRounds(clock)

class TrialRounds implements Trials {
  readonly #clock: Clock
  #round = roundFrom(0, 0)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get hasRoom(): boolean {
    const { waiting, heard, lastSentAtMs, keepsOutMs } = this.#round
    return waiting <= heard || this.#clock.monotonicMs() - lastSentAtMs >= keepsOutMs
  }

  get sinceMs(): number {
    return this.#round.sinceMs
  }

  begin(keepsOutMs: number): void {
    this.#round.isCurrent = false
    this.#round = roundFrom(this.#clock.monotonicMs(), keepsOutMs)
  }

  start(): Trial {
    return new RoundTrial(this.#round, this.#clock.monotonicMs())
  }
}

class RoundTrial implements Trial {
  readonly sentAtMs: number
  readonly #round: Round
  #isWaiting = true

  constructor(round: Round, sentAtMs: number) {
    this.sentAtMs = sentAtMs
    this.#round = round
    round.lastSentAtMs = sentAtMs
    round.waiting++
  }

  get isCurrent(): boolean {
    return this.#round.isCurrent
  }

  heard(): void {
    if (this.#isWaiting) this.#round.heard++
    this.leave()
  }

  leave(): void {
    if (this.#isWaiting) this.#round.waiting--
    this.#isWaiting = false
  }
}
