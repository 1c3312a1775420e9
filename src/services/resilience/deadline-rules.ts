/** The deadlines of one call: the configured ones, shortened by what the caller allows and by what is used up. */
import type { Deadlines, Haste, Pace } from '#core/domain/deadlines.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'

export interface DeadlineSettings {
  readonly connectMs: number
  /** Until the status line of a stream, for models that do not think first. */
  readonly headersMs: number
  readonly firstTokenMs: number
  /** For models that think before they speak. */
  readonly firstTokenReasoningMs: number
  /** Until an answer that comes whole is there; where thinking may take longer, that long. */
  readonly wholeAnswerMs: number
  readonly idleMs: number
  readonly totalMs: number
  /** Tokens per second of 0 ask for nothing. */
  readonly pace: Pace
}

/** What is left of a request's time, in milliseconds; may be negative. */
function timeLeftMs(settings: DeadlineSettings, haste: Haste): number {
  const { elapsedMs, deadlineMs, beginMs, isStreamed } = haste
  const wholeMs = isStreamed ? undefined : beginMs
  return Math.min(settings.totalMs, deadlineMs ?? settings.totalMs, wholeMs ?? settings.totalMs) - elapsedMs
}

/** How long this call's first content may take: that is all of it, when the answer is to come whole. */
export function waitLeftMs(settings: DeadlineSettings, haste: Haste): number {
  const { beginMs, elapsedMs, isStreamed } = haste
  const leftMs = timeLeftMs(settings, haste)
  return isStreamed && beginMs !== undefined ? Math.min(leftMs, beginMs - elapsedMs) : leftMs
}

/** Throws `deadline_exceeded` when nothing is left. */
export function deadlinesOf(settings: DeadlineSettings, target: Target, haste: Haste): Deadlines {
  const totalMs = timeLeftMs(settings, haste)
  const waitMs = waitLeftMs(settings, haste)
  if (waitMs <= 0) throw new Problem('deadline_exceeded')
  const usualMs = usualWaitMs(settings, target, haste)
  const firstTokenMs = Math.min(usualMs, waitMs)
  return {
    connectMs: settings.connectMs,
    headersMs:
      haste.isStreamed && !thinks(target) ? Math.min(settings.headersMs, firstTokenMs) : firstTokenMs,
    firstTokenMs,
    idleMs: settings.idleMs,
    totalMs,
    isHurried: waitMs <= usualMs,
    pace: settings.pace.tokensPerSecond === 0 || thinks(target) ? undefined : settings.pace,
  }
}

export const thinks = ({ card }: Target): boolean => card.abilities.has('reasoning')

function usualWaitMs(settings: DeadlineSettings, target: Target, { isStreamed }: Haste): number {
  const firstTokenMs = thinks(target) ? settings.firstTokenReasoningMs : settings.firstTokenMs
  return isStreamed ? firstTokenMs : Math.max(firstTokenMs, settings.wholeAnswerMs)
}
