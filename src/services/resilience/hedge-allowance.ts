/** When a stream is asked of a second target, and how many may be: a share of all that could be, and of what they cost. */
import type { NanoUsd } from '#core/domain/money.ts'
import type { Target } from '#core/domain/target.ts'
import type { TargetWatch } from '#services/resilience/target-watch.ts'

export interface HedgeSettings {
  readonly isEnabled: boolean
  /** From 0 to 1. */
  readonly share: number
  /** A target of which fewer first words were timed is not hedged. */
  readonly samplesLeast: number
}

/** Amounts are what is held: the most that may be spent. */
export interface HedgeAllowance {
  /** A stream that could be hedged earns its share, of one stream and of its own cost. */
  earn(held: NanoUsd): void
  /** Whether one more may be, for so much more. */
  take(added: NanoUsd): boolean
}

/** Streams and their costs saved up at most: a burst after quiet hours is still a burst. */
const savedMost = 10

export function createHedgeAllowance(settings: () => HedgeSettings): HedgeAllowance {
  let streams = 0
  let spend = 0
  return {
    earn(held) {
      const { share } = settings()
      streams = Math.min(savedMost, streams + share)
      // A cheap stream takes nothing away of what dearer ones have saved.
      spend = Math.max(spend, Math.min(savedMost * held, spend + share * held))
    },
    take(added) {
      if (streams < 1 || spend < added) return false
      streams -= 1
      spend -= added
      return true
    },
  }
}

export interface Hedges {
  /**
   * Called once for each stream, with what is held for it: how long its first words may take before another target is
   * asked too; undefined where none is to be asked, or little is known.
   */
  hedgeAfterMs(target: Target, held: NanoUsd): number | undefined
  /** Whether one more stream may be asked of two targets, where the second may cost so much. */
  takeHedge(added: NanoUsd): boolean
  /** Whether another key or address of this target than those that were tried could be asked at once. */
  hasFreshTrack(target: Target, tried: readonly string[]): boolean
}

export function createHedges(
  settings: () => HedgeSettings,
  watchOf: (target: Target) => Pick<TargetWatch, 'usualWait' | 'freshTracks'> | undefined,
): Hedges {
  const allowance = createHedgeAllowance(settings)
  return {
    hedgeAfterMs(target, held) {
      const { isEnabled, samplesLeast } = settings()
      if (!isEnabled) return undefined
      allowance.earn(held)
      return watchOf(target)?.usualWait(true).slowMs(samplesLeast)
    },
    takeHedge: (added) => allowance.take(added),
    hasFreshTrack: (target, tried) => (watchOf(target)?.freshTracks(target, tried) ?? 0) > 0,
  }
}
