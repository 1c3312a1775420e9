/** When a budget will be used up if money goes on being spent as it was. */
import type { BudgetStanding } from '#core/domain/budget-standing.ts'

/** Where spending is measured from: the start of the window, or a first look at a budget whose window has no start. */
export interface Baseline {
  readonly atMs: number
  readonly spentNanoUsd: number
}

const dayMs = 86_400_000
/** A rate measured over less of its window than this says nothing yet. */
const windowShareLeast = 0.05
/** The same where there is no window to take a share of. */
const measuredLeastMs = 3_600_000
/** The last moment that a date can name. */
const lastMomentMs = 8_640_000_000_000_000

/**
 * The moment of the last dollar, in milliseconds since 1970. Undefined when it is spent already, when nothing is being
 * spent, when too little time was measured, and when the next window begins before.
 */
export function usedUpAt(
  standing: BudgetStanding,
  nowMs: number,
  seenFirst: Baseline | undefined,
): number | undefined {
  const { span, spentNanoUsd, limitNanoUsd } = standing
  const since = span.resetsAtMs === undefined ? seenFirst : { atMs: span.startsAtMs, spentNanoUsd: 0 }
  if (!since || spentNanoUsd >= limitNanoUsd) return undefined
  const measuredMs = nowMs - since.atMs
  const leastMs =
    span.resetsAtMs === undefined ? measuredLeastMs : (span.resetsAtMs - span.startsAtMs) * windowShareLeast
  const spent = spentNanoUsd - since.spentNanoUsd
  if (measuredMs < leastMs || spent <= 0) return undefined
  const atMs = nowMs + Math.ceil(((limitNanoUsd - spentNanoUsd) / spent) * measuredMs)
  const endsAtMs = span.resetsAtMs ?? lastMomentMs
  return atMs < endsAtMs ? atMs : undefined
}

/** Whether a date is near enough to be told. */
export const isNear = (atMs: number, nowMs: number, daysAhead: number): boolean =>
  atMs - nowMs <= daysAhead * dayMs
