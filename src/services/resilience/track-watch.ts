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

export function createTrackWatch(
  ports: {
    readonly name: string
    readonly clock: Clock
    readonly chance: Chance
    readonly onOpen: (forMs: number, cause: OpenCause) => void
  },
  settings: () => BreakerSettings,
): TrackWatch {
  const { clock } = ports
  const breaker = createBreaker(ports, settings)
  let restsUntilMs = 0
  let ejectedUntilMs = 0
  let ejections = 0
  let latencyMs: number | undefined

  const leftMs = (untilMs: number) => (untilMs === 0 ? 0 : Math.max(0, untilMs - clock.monotonicMs()))
  return {
    breaker,
    get restsForMs() {
      return leftMs(restsUntilMs)
    },
    get isEjected() {
      return leftMs(ejectedUntilMs) > 0
    },
    get latencyMs() {
      return latencyMs
    },
    rest(forMs) {
      restsUntilMs = Math.max(restsUntilMs, clock.monotonicMs() + forMs)
    },
    eject(baseMs) {
      ejections = Math.min(ejections + 1, ejectionsCounted)
      ejectedUntilMs = clock.monotonicMs() + baseMs * ejections
    },
    noteLatency(tookMs) {
      latencyMs = movedAverage(latencyMs, tookMs)
    },
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
