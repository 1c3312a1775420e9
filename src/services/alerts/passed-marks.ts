/** Which marks a budget has passed: a pure function of what it stands at. */
import type { BudgetStanding } from '#core/domain/budget-standing.ts'
import type { CountedWindow } from '#core/domain/budget-window.ts'
import type { Mark } from '#services/alerts/alert.ts'
import { isNear } from '#services/alerts/forecast.ts'

export interface MarkRules {
  /** Shares of the limit, above 0. */
  readonly thresholds: readonly number[]
  readonly forecast: {
    readonly isEnabled: boolean
    readonly daysAhead: number
    readonly windows: readonly CountedWindow[]
  }
}

export interface Moment {
  readonly nowMs: number
  readonly usedUpAtMs: number | undefined
}

/** The passed marks, the lowest threshold first, the forecast last. */
export function passedMarks(standing: BudgetStanding, rules: MarkRules, moment: Moment): readonly Mark[] {
  const marks: Mark[] = rules.thresholds
    .filter((threshold) => isPassed(standing, threshold))
    .toSorted((a, b) => a - b)
    .map((threshold) => ({ kind: 'threshold', threshold }))
  const { isEnabled, daysAhead, windows } = rules.forecast
  const { nowMs, usedUpAtMs } = moment
  const isTold = isEnabled && windows.includes(standing.window) && !standing.isRefusing
  if (isTold && usedUpAtMs !== undefined && isNear(usedUpAtMs, nowMs, daysAhead)) {
    marks.push({ kind: 'forecast' })
  }
  return marks
}

/**
 * A hard limit refuses before the last cent is spent, as what is left no longer pays for an answer: then all of it
 * counts as used.
 */
function isPassed({ spentNanoUsd, limitNanoUsd, isRefusing }: BudgetStanding, threshold: number): boolean {
  if (isRefusing && threshold <= 1) return true
  return spentNanoUsd > 0 && spentNanoUsd >= limitNanoUsd * threshold
}

/** How much of the limit is spent, in percent, rounded down to two decimals; all of it where the limit is nothing. */
export function percentOf({ spentNanoUsd, limitNanoUsd }: BudgetStanding): number {
  if (limitNanoUsd === 0) return spentNanoUsd > 0 ? 100 : 0
  return Math.floor((spentNanoUsd / limitNanoUsd) * 10_000 + 1e-6) / 100
}
