import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRecentNames } from '#services/resilience/recent-names.ts'
import { createResilience } from '#services/resilience/resilience.ts'
import type { ResilienceSettings } from '#services/resilience/resilience.ts'
import { card, row } from '#tests/support/routing-house.ts'

const settings: ResilienceSettings = {
  connectMs: 5_000,
  firstTokenMs: 60_000,
  firstTokenReasoningMs: 300_000,
  idleMs: 120_000,
  totalMs: 600_000,
  retry: {
    attemptsPerTarget: 2,
    baseDelayMs: 250,
    maxDelayMs: 8_000,
    budgetShare: 0.1,
    budgetFloorPerSecond: 1,
  },
  breaker: { windowMs: 30_000, failureRate: 0.5, minimumRequests: 2, openMs: 15_000, halfOpenTrials: 1 },
}

function house() {
  const time = { ms: 1_000 }
  const clock = { nowMs: () => 0, monotonicMs: () => time.ms }
  const chance = { fraction: () => 0.5, uniqueId: () => '' }
  return { time, resilience: createResilience({ clock, chance, settings: () => settings }) }
}

const target = (can: readonly 'reasoning'[] = []) => ({
  provider: row('openai'),
  card: card('openai/gpt-4o', { can }),
  model: 'gpt-4o',
})

test('deadlines are the configured ones, longer to begin for models that think, never past what the caller allows', () => {
  const { resilience } = house()
  const plain = resilience.deadlinesFor(target(), 0, undefined)
  assert.deepEqual(plain, { connectMs: 5_000, firstTokenMs: 60_000, idleMs: 120_000, totalMs: 600_000 })
  assert.equal(resilience.deadlinesFor(target(['reasoning']), 0, undefined).firstTokenMs, 300_000)
  const short = resilience.deadlinesFor(target(['reasoning']), 0, 2_000)
  assert.deepEqual([short.firstTokenMs, short.totalMs], [2_000, 2_000])
  assert.equal(resilience.deadlinesFor(target(), 0, 900_000).totalMs, 600_000)
  assert.equal(resilience.deadlinesFor(target(), 1_500, 2_000).totalMs, 500, 'every attempt is included')
  assert.throws(() => resilience.deadlinesFor(target(), 2_000, 2_000), { code: 'deadline_exceeded' })
})

test('a target nobody asked yet is available, and nothing is known of it', () => {
  const { resilience } = house()
  const unknown = { isAvailable: true, successRate: undefined, latencyMs: undefined }
  assert.deepEqual(resilience.signalOf('openai/gpt-4o'), unknown)
  assert.deepEqual(resilience.health(), [])
})

test('signals follow what happened: latency of successes, share of successes, availability', () => {
  const { resilience, time } = house()
  resilience.enter('t').close('success', 100)
  resilience.enter('t').close('success', 200)
  assert.deepEqual(resilience.signalOf('t'), { isAvailable: true, successRate: 1, latencyMs: 110 })
  resilience.enter('t').close('failure', 9_999)
  resilience.enter('t').close('failure')
  assert.equal(resilience.signalOf('t').isAvailable, false)
  assert.equal(resilience.signalOf('t').latencyMs, 110)
  assert.deepEqual(resilience.health(), [
    { name: 't', state: 'open', successRate: 0.5, latencyMs: 110, retryInMs: 15_000 },
  ])
  time.ms += 15_000
  assert.equal(resilience.signalOf('t').isAvailable, true)
  const trial = resilience.enter('t')
  assert.equal(resilience.signalOf('t').isAvailable, false)
  trial.close('neutral')
  assert.equal(resilience.signalOf('t').isAvailable, true)
})

test('names without end are not remembered without end, and those in use are remembered longest', () => {
  const made: string[] = []
  const names = createRecentNames((name) => {
    made.push(name)
    return { name }
  })
  for (let number = 0; number < 10_000; number++) {
    names.use('in use')
    names.use(`invented ${number}`)
  }
  assert.equal([...names.entries()].length, 4_096)
  assert.equal(made.filter((name) => name === 'in use').length, 1)
  assert.equal(names.peek('invented 0'), undefined)
  assert.equal(names.peek('invented 9999')?.name, 'invented 9999')
})
