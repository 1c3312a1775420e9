/** One track to one model under watch: its breaker, its cool-down, whether it is left out, how long it takes. */
import type { Chance, Clock } from '#core/domain/clock.ts'
import { createBreaker } from '#services/resilience/breaker.ts'
import type { Breaker, BreakerSettings, OpenCause } from '#services/resilience/breaker.ts'

export interface TrackWatch {
  readonly breaker: Breaker
  /** Milliseconds for which it cools down; 0 when it does not. */
  readonly restsForMs: number
  /** Left out because it fails much more often than its equals. */
  readonly isEjected: boolean
  /** A running average of the first contents. */
  readonly latencyMs: number | undefined
  rest(forMs: number): void
  /** Longer each time. */
  eject(baseMs: number): void
  noteLatency(tookMs: number): void
}

/** How much one new measurement moves a running average. */
const averageWeight = 0.1
const ejectionsCounted = 10

export const movedAverage = (average: number | undefined, latest: number): number =>
  average === undefined ? latest : average + averageWeight * (latest - average)

export interface TrackWatchPorts {
  readonly name: string
  readonly clock: Clock
  readonly chance: Chance
  readonly onOpen: (forMs: number, cause: OpenCause) => void
}

export const createTrackWatch = (ports: TrackWatchPorts, settings: () => BreakerSettings): TrackWatch =>
  new WatchedTrack(ports, settings)

class WatchedTrack implements TrackWatch {
  readonly breaker: Breaker
  latencyMs: number | undefined
  readonly #clock: Clock
  #restsUntilMs = 0
  #ejectedUntilMs = 0
  #ejections = 0

  constructor(ports: TrackWatchPorts, settings: () => BreakerSettings) {
    this.breaker = createBreaker(ports, settings)
    this.#clock = ports.clock
  }

  get restsForMs(): number {
    return this.#leftMs(this.#restsUntilMs)
  }

  get isEjected(): boolean {
    return this.#leftMs(this.#ejectedUntilMs) > 0
  }

  rest(forMs: number): void {
    this.#restsUntilMs = Math.max(this.#restsUntilMs, this.#clock.monotonicMs() + forMs)
  }

  eject(baseMs: number): void {
    this.#ejections = Math.min(this.#ejections + 1, ejectionsCounted)
    this.#ejectedUntilMs = this.#clock.monotonicMs() + baseMs * this.#ejections
  }

  noteLatency(tookMs: number): void {
    this.latencyMs = movedAverage(this.latencyMs, tookMs)
  }

  #leftMs(untilMs: number): number {
    return untilMs === 0 ? 0 : Math.max(0, untilMs - this.#clock.monotonicMs())
  }
}

/** Of several tracks the mean, each counted as often as it was asked. */
export function successRateOf(watches: ReadonlyMap<string, TrackWatch>): number | undefined {
  let counted = 0
  let succeeded = 0
  for (const { breaker } of watches.values()) {
    counted += breaker.window.counted
    succeeded += breaker.window.counted * (breaker.successRate ?? 0)
  }
  return counted === 0 ? undefined : succeeded / counted
}
