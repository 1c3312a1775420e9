/** The weather: the real clock and real chance, which enter every rule from here. */
import { randomUUIDv7 } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance, Clock } from '#core/domain/clock.ts'
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
export async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(durationMs, undefined, { signal })
  } catch {
    throw new Problem('caller_left')
  }
}
