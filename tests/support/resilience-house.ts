// Resilience with a clock and a chance that a test sets.
import { createResilience } from '#services/resilience/resilience.ts'
import type { ResilienceSettings } from '#services/resilience/resilience.ts'
import { card, row } from '#tests/support/routing-house.ts'

export const resilienceSettings: ResilienceSettings = {
  connectMs: 5_000,
  headersMs: 20_000,
  firstTokenMs: 60_000,
  firstTokenReasoningMs: 300_000,
  wholeAnswerMs: 300_000,
  idleMs: 120_000,
  totalMs: 600_000,
  pace: { tokensPerSecond: 2, windowMs: 20_000 },
  hedge: { isEnabled: false, share: 0.05, samplesLeast: 20 },
  retry: {
    attemptsPerTarget: 2,
    baseDelayMs: 250,
    maxDelayMs: 8_000,
    budgetShare: 0.1,
    budgetFloorPerSecond: 1,
  },
  breaker: {
    windowMs: 30_000,
    failureRate: 0.5,
    slowRate: 0.8,
    minimumRequests: 2,
    connectErrors: 5,
    silentCalls: 3,
    openMs: 15_000,
    openMaxMs: 60_000,
    silentOpenMaxMs: 60_000,
    halfOpenTrials: 1,
  },
  silence: { factor: 4, leastMs: 5_000, leastReasoningMs: 30_000, perThousandTokensMs: 200 },
  coolDown: { limitedMs: 5_000, refusedMs: 60_000, maxMs: 600_000 },
  ejection: { minimumRequests: 10, margin: 0.2, deviations: 1.9, shareMax: 0.3, ejectMs: 30_000 },
  slowFirstTokenMs: 10_000,
  slowFirstTokenReasoningMs: 50_000,
}

export function resilienceHouse(changes: Partial<ResilienceSettings> = {}) {
  const state = { ms: 1_000, fraction: 0 }
  const clock = { nowMs: () => 0, monotonicMs: () => state.ms }
  const chance = { fraction: () => state.fraction, uniqueId: () => '' }
  const resilience = createResilience({
    clock,
    chance,
    settings: () => ({ ...resilienceSettings, ...changes }),
  })
  const enter = (asked = watchedTarget(), tried: string[] = []) => {
    const pass = resilience.enter(asked, { isStreamed: true, tried })
    return { ...pass, pass, track: tried.at(-1) ?? '' }
  }
  return { state, resilience, enter }
}

export const watchedTarget = (can: readonly 'reasoning'[] = []) => ({
  provider: row('openai'),
  card: card('openai/gpt-4o', { can }),
  model: 'gpt-4o',
})
