/** Outlier ejection: among equals, whoever fails much more often than the others is left out for a while. */

export interface EjectionSettings {
  /** Fewer requests than this in the window are not judged. */
  readonly minimumRequests: number
  /** How far below the others' mean a success rate must lie at least, from 0 to 1 ... */
  readonly margin: number
  /** ... and how many of their standard deviations. */
  readonly deviations: number
  /** The largest share of equals that may be out at once; one always may where there are two or more. */
  readonly shareMax: number
  /** How long one is left out the first time; as often longer as it was left out before. */
  readonly ejectMs: number
}

/** How one of several equals has fared lately. */
export interface Faring {
  readonly counted: number
  /** From 0 to 1; undefined before anything was counted. */
  readonly successRate: number | undefined
  readonly isOut: boolean
}

/**
 * The position of the one to leave out now, or undefined. Each is compared with the others alone: among a few, one
 * bad member would widen the spread that it is judged by. Never the last one.
 */
export function outlierAmong(farings: readonly Faring[], settings: EjectionSettings): number | undefined {
  const outAlready = farings.filter(({ isOut }) => isOut).length
  const outMost = Math.min(farings.length - 1, Math.max(1, Math.floor(farings.length * settings.shareMax)))
  if (outAlready >= outMost) return undefined
  let worst: number | undefined
  let worstRate = Number.POSITIVE_INFINITY
  for (const [position, one] of farings.entries()) {
    const rate = judgedRate(one, settings)
    if (rate === undefined || rate >= worstRate) continue
    const others = farings.flatMap((other, at) =>
      at === position ? [] : (judgedRate(other, settings) ?? []),
    )
    if (others.length === 0 || rate >= floorOf(others, settings)) continue
    worst = position
    worstRate = rate
  }
  return worst
}

function judgedRate({ counted, successRate, isOut }: Faring, { minimumRequests }: EjectionSettings) {
  return isOut || counted < minimumRequests ? undefined : successRate
}

function floorOf(rates: readonly number[], { margin, deviations }: EjectionSettings): number {
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length
  return mean - Math.max(margin, deviations * Math.sqrt(variance))
}
