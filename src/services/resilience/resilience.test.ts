import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemDetails } from '#core/domain/problem.ts'
import type { Haste } from '#core/domain/deadlines.ts'
import type { Outlet } from '#core/domain/target.ts'
import { row } from '#tests/support/routing-house.ts'
import {
  resilienceHouse as house,
  resilienceSettings as settings,
  watchedTarget as target,
} from '#tests/support/resilience-house.ts'

const name = 'openai/gpt-4o'

const outlet = (credential: string, weight = 1): Outlet => ({
  region: undefined,
  baseUrl: 'https://api.example',
  addressForm: undefined,
  credential,
  weight,
})
/** One model with as many keys as names. */
const pooled = (...keys: readonly (string | Outlet)[]) => ({
  ...target(),
  provider: row('openai', { outlets: keys.map((key) => (typeof key === 'string' ? outlet(key) : key)) }),
})
const limited = (details: ProblemDetails = {}) => new Problem('provider_rate_limited', details)
const haste = (changes: Partial<Haste> = {}): Haste => ({
  elapsedMs: 0,
  deadlineMs: undefined,
  isStreamed: true,
  ...changes,
})

test('deadlines are the configured ones, longer to begin for models that think, never past what the caller allows', () => {
  const { resilience } = house()
  const plain = resilience.deadlinesFor(target(), haste())
  assert.deepEqual(plain, {
    connectMs: 5_000,
    headersMs: 20_000,
    firstTokenMs: 60_000,
    idleMs: 120_000,
    totalMs: 600_000,
    isHurried: false,
    pace: { tokensPerSecond: 2, windowMs: 20_000 },
  })
  const thinking = resilience.deadlinesFor(target(['reasoning']), haste())
  assert.equal(thinking.pace, undefined, 'whoever thinks may fall silent')
  assert.deepEqual([thinking.headersMs, thinking.firstTokenMs], [300_000, 300_000])
  assert.equal(resilience.deadlinesFor(target(), haste({ isStreamed: false })).headersMs, 300_000)
  const short = resilience.deadlinesFor(target(['reasoning']), haste({ deadlineMs: 2_000 }))
  assert.deepEqual([short.firstTokenMs, short.totalMs, short.isHurried], [2_000, 2_000, true])
  assert.equal(resilience.deadlinesFor(target(), haste({ deadlineMs: 900_000 })).totalMs, 600_000)
  const later = haste({ elapsedMs: 1_500, deadlineMs: 2_000 })
  assert.equal(resilience.deadlinesFor(target(), later).totalMs, 500, 'every attempt is included')
  const past = haste({ elapsedMs: 2_000, deadlineMs: 2_000 })
  assert.throws(() => resilience.deadlinesFor(target(), past), { code: 'deadline_exceeded' })
})

test('how long a caller waits for the beginning bounds a stream until it begins, and a whole answer altogether', () => {
  const { resilience } = house()
  const streamed = resilience.deadlinesFor(target(), haste({ beginMs: 3_000, elapsedMs: 1_000 }))
  assert.deepEqual([streamed.firstTokenMs, streamed.totalMs, streamed.isHurried], [2_000, 599_000, true])
  const whole = resilience.deadlinesFor(target(), haste({ beginMs: 3_000, isStreamed: false }))
  assert.deepEqual([whole.firstTokenMs, whole.totalMs], [3_000, 3_000])
})

test('a target nobody asked yet is available, and nothing is known of it', () => {
  const { resilience } = house()
  const unknown = { isAvailable: true, successRate: undefined, latencyMs: undefined }
  assert.deepEqual(resilience.signalOf(name), unknown)
  assert.deepEqual(resilience.health(), [])
})

test('signals follow what happened: latency of successes, share of successes, availability', () => {
  const { resilience, enter, state } = house()
  enter().close('success', 100)
  enter().close('success', 200)
  assert.deepEqual(resilience.signalOf(name), { isAvailable: true, successRate: 1, latencyMs: 110 })
  enter().close('failure', 9_999)
  enter().close(new Problem('provider_error'))
  assert.equal(resilience.signalOf(name).isAvailable, false)
  assert.equal(resilience.signalOf(name).latencyMs, 110)
  const [health, ...more] = resilience.health()
  assert.deepEqual(more, [])
  assert.equal(health?.name, name)
  assert.deepEqual([health?.state, health?.successRate, health?.retryInMs], ['open', 0.5, 15_000])
  assert.equal(resilience.counts().breakersOpened, 1)
  state.ms += 15_000
  assert.equal(resilience.signalOf(name).isAvailable, true)
  const trial = enter()
  assert.equal(resilience.signalOf(name).isAvailable, false)
  trial.close('neutral')
  assert.equal(resilience.signalOf(name).isAvailable, true)
})

test('a caller in a hurry, a limit and a wrong request open no breaker', () => {
  const { resilience, enter } = house()
  const harmless = [
    new Problem('provider_timeout', { facts: { phase: 'deadline' } }),
    limited(),
    new Problem('caller_left'),
    new Problem('content_filtered'),
    new Problem('internal_error'),
  ]
  for (const problem of [...harmless, ...harmless]) enter().close(problem)
  assert.equal(resilience.health()[0]?.state, 'closed')
  for (const phase of ['first-token', 'idle']) {
    enter().close(new Problem('provider_timeout', { facts: { phase } }))
  }
  assert.equal(resilience.health()[0]?.state, 'open')
})

test('a limited key cools down for as long as the provider says, and the others are asked meanwhile', () => {
  const { resilience, enter, state } = house()
  const pool = pooled('key-a', 'key-b')
  const first = enter(pool)
  assert.equal(first.track, '#key-a')
  assert.equal(first.row.vaultKeyName, 'key-a')
  assert.deepEqual(first.row.keyNames, [])
  first.close(limited({ retryAfterMs: 30_000 }))
  assert.equal(resilience.signalOf(name).isAvailable, true)
  for (let times = 0; times < 5; times++) {
    const next = enter(pool)
    assert.equal(next.track, '#key-b')
    next.close('success', 10)
  }
  state.ms += 30_000
  assert.equal(enter(pool).track, '#key-a')
})

test('when every key cools down the target stands behind others, and is asked all the same if there are none', () => {
  const { resilience, enter } = house()
  const pool = pooled('key-a', 'key-b')
  enter(pool).close(limited())
  enter(pool).close(limited())
  assert.equal(resilience.signalOf(name).isAvailable, false)
  enter(pool).close('success', 10)
  const states = resilience.health().map((one) => [one.credential, one.state, one.restsForMs])
  assert.deepEqual(states, [
    ['key-a', 'closed', 5_000],
    ['key-b', 'closed', 5_000],
  ])
})

test('a provider that asks for a week is spared for the longest time that is configured', () => {
  const { resilience, enter } = house()
  enter().close(limited({ retryAfterMs: 604_800_000 }))
  assert.equal(resilience.health()[0]?.restsForMs, 600_000)
})

test('a key that is refused is spared for every model of its provider', () => {
  const { enter } = house()
  const pool = pooled('key-a', 'key-b')
  enter(pool).close(new Problem('provider_auth'))
  const other = { ...pool, model: 'gpt-5' }
  assert.equal(enter(other).track, '#key-b')
  assert.equal(enter(pool).track, '#key-b')
})

test('one broken key opens its own breaker and no other; once all are open the shortest wait is told', () => {
  const { enter, resilience, state } = house()
  const pool = pooled('key-a', 'key-b')
  for (let times = 0; times < 2; times++) enter(pool).close('failure')
  assert.equal(enter(pool).track, '#key-b')
  state.ms += 1_000
  for (let times = 0; times < 2; times++) enter(pool).close('failure')
  assert.equal(resilience.signalOf(name).isAvailable, false)
  const toldOfTheFirst = (thrown: unknown) =>
    thrown instanceof Problem && thrown.code === 'circuit_open' && thrown.details.retryAfterMs === 14_000
  assert.throws(() => enter(pool), toldOfTheFirst)
})

test('a retry takes a track that the request has not asked, at once, and knows when there is none left', () => {
  const { resilience, enter } = house()
  const pool = pooled('key-a', 'key-b')
  const tried: string[] = []
  const problem = limited({ retryAfterMs: 60_000 })
  const failed = { problem, target: pool, tried, hasOtherTargets: false, haste: haste() }
  enter(pool, tried).close(problem)
  assert.equal(resilience.retryDelayMs({ ...failed, attempts: 1 }), 0)
  enter(pool, tried).close(problem)
  assert.deepEqual(tried, ['#key-a', '#key-b'])
  assert.equal(resilience.retryDelayMs({ ...failed, attempts: 2 }), undefined)
})

test('requests are shared out by weight', () => {
  const { enter, state } = house()
  const pool = pooled(outlet('big', 3), outlet('small'))
  const counts = new Map<string, number>()
  for (let step = 0; step < 100; step++) {
    state.fraction = step / 100
    const pass = enter(pool)
    counts.set(pass.track, (counts.get(pass.track) ?? 0) + 1)
    pass.close('neutral')
  }
  assert.deepEqual(Object.fromEntries(counts), { '#big': 75, '#small': 25 })
})

test('a stream that begins too late is a success that counts as slow', () => {
  const { enter, resilience } = house()
  for (let times = 0; times < 2; times++) {
    const pass = enter()
    pass.began(10_001)
    pass.close('success', 10_001)
  }
  const [health] = resilience.health()
  assert.deepEqual([health?.state, health?.successRate, health?.slowRate], ['open', 1, 1])
})

test('nobody is asked who usually takes longer than what is left, as long as that is fresh knowledge', () => {
  const { resilience, enter, state } = house()
  const short = haste({ deadlineMs: 1_000, elapsedMs: 500 })
  for (let times = 0; times < 8; times++) {
    assert.equal(resilience.refuseLate(target(), short), undefined)
    const pass = enter()
    pass.began(700)
    pass.close('success', 700)
  }
  const refused = resilience.refuseLate(target(), short)
  assert.equal(refused?.code, 'deadline_exceeded')
  assert.deepEqual(refused?.details.facts, { target: name, usual_ms: 700, left_ms: 500 })
  assert.equal(resilience.refuseLate(target(), haste({ deadlineMs: 1_300, elapsedMs: 500 })), undefined)
  assert.equal(resilience.refuseLate(target(), { ...short, isStreamed: false }), undefined)
  assert.equal(resilience.refuseLate(target(), haste({ beginMs: 600 }))?.code, 'deadline_exceeded')
  state.ms += 200_000
  assert.equal(resilience.refuseLate(target(), short), undefined)
})

test('a region that fails much more often than its equals is left out for a while, and never the last one', () => {
  const { enter, resilience, state } = house({ breaker: { ...settings.breaker, minimumRequests: 1_000 } })
  const pool = pooled('good', 'bad')
  for (let times = 0; times < 40; times++) {
    state.fraction = times % 2 === 0 ? 0 : 0.9
    const pass = enter(pool)
    pass.close(pass.track === '#bad' && times % 4 === 1 ? 'failure' : 'success')
  }
  const isOut = () => resilience.health().map(({ credential, isEjected }) => [credential, isEjected])
  assert.deepEqual(isOut(), [
    ['good', false],
    ['bad', true],
  ])
  for (let times = 0; times < 20; times++) enter(pool).close('failure')
  assert.deepEqual(isOut()[0], ['good', false])
  state.ms += 30_000
  assert.deepEqual(isOut()[1], ['bad', false])
})
