// A breaker with a clock that a test sets.
import assert from 'node:assert/strict'
import { Problem } from '#core/domain/problem.ts'
import { createBreaker } from '#services/resilience/breaker.ts'
import type { Breaker, BreakerSettings, Outcome } from '#services/resilience/breaker.ts'

export const usualBreaker: BreakerSettings = {
  windowMs: 10_000,
  failureRate: 0.5,
  slowRate: 0.8,
  minimumRequests: 4,
  connectErrors: 3,
  silentCalls: 3,
  openMs: 5_000,
  openMaxMs: 12_000,
  silentOpenMaxMs: 24_000,
  halfOpenTrials: 2,
}

export function breakerHouse(changes: Partial<BreakerSettings> = {}) {
  const time = { ms: 1_000_000 }
  const settings = { ...usualBreaker, ...changes }
  const clock = { nowMs: () => 0, monotonicMs: () => time.ms }
  const chance = { fraction: () => 0, uniqueId: () => '' }
  const opened: number[] = []
  const onOpen = (forMs: number) => opened.push(forMs)
  const breaker = createBreaker({ name: 'openai/gpt-4o', clock, chance, onOpen }, () => settings)
  return { time, settings, breaker, opened }
}

export function run(breaker: Breaker, ...outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) breaker.enter().leave(outcome)
}

export function refusal(breaker: Breaker): Problem {
  try {
    breaker.enter().leave('neutral')
  } catch (thrown) {
    assert.ok(thrown instanceof Problem)
    assert.equal(thrown.code, 'circuit_open')
    return thrown
  }
  throw new Error('the breaker let a request in')
}
