/** When a stream is asked of a second target, and how many may be: a share of all that could be. */
import type { Target } from '#core/domain/target.ts'
import type { TargetWatch } from '#services/resilience/target-watch.ts'

export interface HedgeSettings {
  readonly isEnabled: boolean
  /** From 0 to 1. */
  readonly share: number
  /** A target of which fewer first words were timed is not hedged. */
  readonly samplesLeast: number
}

export interface HedgeAllowance {
  /** A stream that could be hedged earns its share. */
  earn(): void
  /** Whether one more may be. */
  take(): boolean
}

/** Saved up at most: a burst after quiet hours is still a burst. */
const savedMost = 10

export function createHedgeAllowance(settings: () => HedgeSettings): HedgeAllowance {
  let saved = 0
  return {
    earn() {
      saved = Math.min(savedMost, saved + settings().share)
    },
    take() {
      if (saved < 1) return false
      saved -= 1
      return true
    },
  }
}

export interface Hedges {
  /**
   * Called once for each stream: how long its first words may take before another target is asked too; undefined where
   * none is to be asked, or little is known.
   */
  hedgeAfterMs(target: Target): number | undefined
  /** Whether one more stream may be asked of two targets. */
  takeHedge(): boolean
  /** Whether another key or address of this target than those that were tried could be asked at once. */
  hasFreshTrack(target: Target, tried: readonly string[]): boolean
}

export function createHedges(
  settings: () => HedgeSettings,
  watchOf: (target: Target) => Pick<TargetWatch, 'usualWait' | 'freshTracks'> | undefined,
): Hedges {
  const allowance = createHedgeAllowance(settings)
  return {
    hedgeAfterMs(target) {
      const { isEnabled, samplesLeast } = settings()
      if (!isEnabled) return undefined
      allowance.earn()
      return watchOf(target)?.usualWait(true).slowMs(samplesLeast)
    },
    takeHedge: () => allowance.take(),
    hasFreshTrack: (target, tried) => (watchOf(target)?.freshTracks(target, tried) ?? 0) > 0,
  }
}
