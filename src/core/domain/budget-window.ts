/** Windows of time in which money is counted: calendar spans in any time zone, rolling spans in parts, and all time. */
import type { WindowPart } from '#core/domain/ledger-hold.ts'
import { firstMomentAt, wallTimeMs } from '#core/domain/time-zone.ts'

export const calendarWindows = ['hour', 'day', 'week', 'month', 'total'] as const
export const rollingWindows = ['rolling-hour', 'rolling-day', 'rolling-week', 'rolling-month'] as const
export const budgetWindows = [...calendarWindows, ...rollingWindows] as const
type CalendarWindow = (typeof calendarWindows)[number]
type RollingWindow = (typeof rollingWindows)[number]
/** What a limit can be for. */
export type BudgetWindow = CalendarWindow | RollingWindow
/** What money can be counted in: also a prepaid balance, which has no end and is counted from its first top-up. */
export type CountedWindow = BudgetWindow | 'prepaid'

export interface WindowSpan {
  /**
   * Names this very window: `2026-11-22T05`, `2026-11-22`, `2026-11-16/P7D`, `2026-11`, `total`, `prepaid`, with a time zone
   * `2026-11-22[Europe/Berlin]`, of a rolling window its current part `2026-11-22T05:00/rolling-day`. Part of every
   * counter's key.
   */
  readonly id: string
  /** Of a rolling window, the start of its current part. */
  readonly startsAtMs: number
  /** The moment from which another span is the current one; undefined for all time. */
  readonly endsAtMs: number | undefined
  /** The moment at which what is spent now no longer counts; undefined for all time. */
  readonly resetsAtMs: number | undefined
  /** Of a rolling window, the parts that count beside the current one, the oldest first. */
  readonly earlier?: readonly WindowPart[]
}

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** 1970-01-01 was a Thursday, three days after a Monday. */
const mondayOffsetDays = 3

/**
 * A rolling window is counted in parts: it covers at least its whole length before any moment, and at most one part
 * more. `rolling-month` is thirty days.
 */
const rolling: Readonly<Record<RollingWindow, { readonly lengthMs: number; readonly partMs: number }>> = {
  'rolling-hour': { lengthMs: hourMs, partMs: 5 * minuteMs },
  'rolling-day': { lengthMs: dayMs, partMs: hourMs },
  'rolling-week': { lengthMs: 7 * dayMs, partMs: 6 * hourMs },
  'rolling-month': { lengthMs: 30 * dayMs, partMs: dayMs },
}

export const isRolling = (window: CountedWindow): window is RollingWindow => Object.hasOwn(rolling, window)

/** Whether it makes a difference where the window's clock stands. */
export const hasTimeZone = (window: BudgetWindow): boolean => window !== 'total' && !isRolling(window)

/**
 * The window of a kind that a moment lies in; days, weeks and months by the clocks of the time zone (an IANA name;
 * default: UTC), so that a day may have 23 or 25 hours. Weeks begin on Monday (ISO 8601).
 */
export function windowAt(window: CountedWindow, nowMs: number, timeZone: string = 'UTC'): WindowSpan {
  if (isRolling(window)) return rollingSpan(window, nowMs)
  if (window === 'total' || window === 'prepaid') {
    return { id: window, startsAtMs: 0, endsAtMs: undefined, resetsAtMs: undefined }
  }
  if (timeZone === 'UTC') {
    const { name, startsAtMs, endsAtMs } = wallSpan(window, nowMs)
    return { id: name, startsAtMs, endsAtMs, resetsAtMs: endsAtMs }
  }
  return zonedSpan(window, nowMs, timeZone)
}

interface WallSpan {
  readonly name: string
  readonly startsAtMs: number
  readonly endsAtMs: number
}

/** The calendar span around what a clock shows. */
function wallSpan(window: Exclude<CalendarWindow, 'total'>, wallMs: number): WallSpan {
  switch (window) {
    case 'hour': {
      const startsAtMs = Math.floor(wallMs / hourMs) * hourMs
      return { name: isoText(startsAtMs).slice(0, 13), startsAtMs, endsAtMs: startsAtMs + hourMs }
    }
    case 'day': {
      const startsAtMs = Math.floor(wallMs / dayMs) * dayMs
      return { name: isoText(startsAtMs).slice(0, 10), startsAtMs, endsAtMs: startsAtMs + dayMs }
    }
    case 'week': {
      const week = Math.floor((Math.floor(wallMs / dayMs) + mondayOffsetDays) / 7)
      const startsAtMs = (week * 7 - mondayOffsetDays) * dayMs
      return { name: `${isoText(startsAtMs).slice(0, 10)}/P7D`, startsAtMs, endsAtMs: startsAtMs + 7 * dayMs }
    }
    case 'month': {
      const name = isoText(wallMs).slice(0, 7)
      const year = Number(name.slice(0, 4))
      const month = Number(name.slice(5))
      return { name, startsAtMs: Date.UTC(year, month - 1), endsAtMs: Date.UTC(year, month) }
    }
  }
}

function zonedSpan(window: Exclude<CalendarWindow, 'total'>, nowMs: number, timeZone: string): WindowSpan {
  const wallMs = wallTimeMs(timeZone, nowMs)
  const { name, startsAtMs: wallStartMs, endsAtMs: wallEndMs } = wallSpan(window, wallMs)
  if (window === 'hour') {
    // Clocks that are set back show an hour twice: each is a window of its own, named by its start in UTC.
    const startsAtMs = nowMs - (wallMs - wallStartMs)
    const endsAtMs = startsAtMs + hourMs
    return {
      id: `${isoText(startsAtMs).slice(0, 16)}Z[${timeZone}]`,
      startsAtMs,
      endsAtMs,
      resetsAtMs: endsAtMs,
    }
  }
  const startsAtMs = firstMomentAt(timeZone, wallStartMs)
  const endsAtMs = firstMomentAt(timeZone, wallEndMs)
  return { id: `${name}[${timeZone}]`, startsAtMs, endsAtMs, resetsAtMs: endsAtMs }
}

function rollingSpan(window: RollingWindow, nowMs: number): WindowSpan {
  const { lengthMs, partMs } = rolling[window]
  const startsAtMs = Math.floor(nowMs / partMs) * partMs
  const idOf = (startMs: number) => `${isoText(startMs).slice(0, 16)}/${window}`
  const earlier: WindowPart[] = []
  for (let startMs = startsAtMs - lengthMs; startMs < startsAtMs; startMs += partMs) {
    earlier.push({ window: idOf(startMs), resetsAtMs: startMs + partMs + lengthMs })
  }
  const endsAtMs = startsAtMs + partMs
  return { id: idOf(startsAtMs), startsAtMs, endsAtMs, resetsAtMs: endsAtMs + lengthMs, earlier }
}

/** A moment as ISO 8601 text in UTC. */
export function isoText(momentMs: number): string {
  return new Date(momentMs).toISOString()
}
