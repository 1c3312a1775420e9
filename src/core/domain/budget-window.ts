/** Windows of time in which money is counted: calendar hours, days, weeks and months in UTC, and all time. */

export const budgetWindows = ['hour', 'day', 'week', 'month', 'total'] as const
export type BudgetWindow = (typeof budgetWindows)[number]

export interface WindowSpan {
  /** Names this very window: `2026-11-22T05`, `2026-11-22`, `2026-11-16/P7D`, `2026-11`, `total`. Part of every counter's key. */
  readonly id: string
  readonly startsAtMs: number
  /** The moment at which the next window begins; undefined for all time. */
  readonly resetsAtMs: number | undefined
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** 1970-01-01 was a Thursday, three days after a Monday. */
const mondayOffsetDays = 3

/** The window of a kind that a moment lies in. Weeks begin on Monday (ISO 8601). */
export function windowAt(window: BudgetWindow, nowMs: number): WindowSpan {
  switch (window) {
    case 'hour': {
      const startsAtMs = Math.floor(nowMs / hourMs) * hourMs
      return { id: isoText(startsAtMs).slice(0, 13), startsAtMs, resetsAtMs: startsAtMs + hourMs }
    }
    case 'day': {
      const startsAtMs = Math.floor(nowMs / dayMs) * dayMs
      return { id: isoText(startsAtMs).slice(0, 10), startsAtMs, resetsAtMs: startsAtMs + dayMs }
    }
    case 'week': {
      const week = Math.floor((Math.floor(nowMs / dayMs) + mondayOffsetDays) / 7)
      const startsAtMs = (week * 7 - mondayOffsetDays) * dayMs
      return { id: `${isoText(startsAtMs).slice(0, 10)}/P7D`, startsAtMs, resetsAtMs: startsAtMs + 7 * dayMs }
    }
    case 'month': {
      const id = isoText(nowMs).slice(0, 7)
      const year = Number(id.slice(0, 4))
      const month = Number(id.slice(5))
      return { id, startsAtMs: Date.UTC(year, month - 1), resetsAtMs: Date.UTC(year, month) }
    }
    case 'total':
      return { id: 'total', startsAtMs: 0, resetsAtMs: undefined }
  }
}

/** A moment as ISO 8601 text in UTC. */
export function isoText(momentMs: number): string {
  return new Date(momentMs).toISOString()
}
