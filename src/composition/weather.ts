/** The weather: the real clock and real chance, which enter every rule from here. */
import { randomUUIDv7 } from 'node:crypto'
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

export const systemChance: Chance = {
  fraction: () => Math.random(),
  uniqueId: () => randomUUIDv7(),
}

/** Waits on the real clock. Throws `caller_left` as soon as the signal is aborted. */
export function pause(durationMs: number, signal: LeaveSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer)
      reject(new Problem('caller_left'))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave)
      resolve()
    }, durationMs)
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  })
}
