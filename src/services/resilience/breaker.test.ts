import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Problem } from '#core/domain/problem.ts'
import { createBreaker } from '#services/resilience/breaker.ts'
import type { Breaker, BreakerSettings, Outcome } from '#services/resilience/breaker.ts'

const usual: BreakerSettings = {
  windowMs: 10_000,
  failureRate: 0.5,
  slowRate: 0.8,
  minimumRequests: 4,
  connectErrors: 3,
  silentCalls: 3,
  openMs: 5_000,
  openMaxMs: 12_000,
  halfOpenTrials: 2,
}

function house(changes: Partial<BreakerSettings> = {}) {
  const time = { ms: 1_000_000 }
  const settings = { ...usual, ...changes }
  const clock = { nowMs: () => 0, monotonicMs: () => time.ms }
  const chance = { fraction: () => 0, uniqueId: () => '' }
  const opened: number[] = []
  const onOpen = (forMs: number) => opened.push(forMs)
  const breaker = createBreaker({ name: 'openai/gpt-4o', clock, chance, onOpen }, () => settings)
  return { time, settings, breaker, opened }
}

function run(breaker: Breaker, ...outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) breaker.enter()(outcome)
}

function refusal(breaker: Breaker): Problem {
  try {
    breaker.enter()('neutral')
  } catch (thrown) {
    assert.ok(thrown instanceof Problem)
    assert.equal(thrown.code, 'circuit_open')
    return thrown
  }
  throw new Error('the breaker let a request in')
}

test('it opens at the share of failures, once enough requests were counted', () => {
  const { breaker } = house()
  run(breaker, 'failure', 'failure', 'failure')
  assert.equal(breaker.state, 'closed')
  run(breaker, 'failure')
  assert.equal(breaker.state, 'open')
  assert.equal(refusal(breaker).details.retryAfterMs, 5_000)

  const healthy = house().breaker
  run(healthy, 'success', 'success', 'success', 'failure', 'failure')
  assert.equal(healthy.state, 'closed')
  assert.equal(healthy.successRate, 0.6)
  run(healthy, 'failure')
  assert.equal(healthy.state, 'open')
})

test('what says nothing about the target is not counted', () => {
  const { breaker } = house()
  run(breaker, ...Array.from({ length: 50 }, () => 'neutral' as const))
  assert.equal(breaker.state, 'closed')
  assert.equal(breaker.successRate, undefined)
})

test('outcomes older than the window are forgotten', () => {
  const { breaker, time } = house()
  run(breaker, 'failure', 'failure', 'failure')
  time.ms += 11_000
  assert.equal(breaker.successRate, undefined)
  run(breaker, 'failure')
  assert.equal(breaker.state, 'closed')
})

test('a window that a reload made longer or shorter goes on counting at once', () => {
  for (const windowMs of [1_000, 100_000]) {
    const { breaker, settings } = house()
    run(breaker, 'success')
    Object.assign(settings, { windowMs })
    run(breaker, 'failure', 'failure', 'failure', 'failure')
    assert.equal(breaker.state, 'open')
    Object.assign(settings, { windowMs: windowMs * 2 })
    assert.equal(breaker.successRate, undefined)
  }
})

test('after its time it lets as many trials in as allowed, and closes when they succeed', () => {
  const { breaker, time } = house()
  run(breaker, 'failure', 'failure', 'failure', 'failure')
  time.ms += 4_999
  assert.equal(refusal(breaker).details.retryAfterMs, 1)
  assert.equal(breaker.isOpenToRequests, false)
  time.ms += 1
  assert.equal(breaker.state, 'half-open')
  const trials = [breaker.enter(), breaker.enter()]
  assert.equal(breaker.isOpenToRequests, false)
  refusal(breaker)
  trials[0]?.('success')
  assert.equal(breaker.state, 'half-open')
  trials[1]?.('success')
  assert.equal(breaker.state, 'closed')
  run(breaker, 'failure')
  assert.equal(breaker.state, 'closed')
})

test('each failed trial opens it again for twice as long, up to the longest time, and a good end forgets that', () => {
  const { breaker, time, opened } = house()
  run(breaker, 'failure', 'failure', 'failure', 'failure')
  for (const waitMs of [10_000, 12_000, 12_000]) {
    time.ms += breaker.waitMs
    run(breaker, 'success', 'failure')
    assert.equal(breaker.state, 'open')
    assert.equal(breaker.waitMs, waitMs)
  }
  time.ms += 12_000
  run(breaker, 'success', 'success', 'failure', 'failure', 'failure', 'failure')
  assert.deepEqual(opened, [5_000, 10_000, 12_000, 12_000, 5_000])
})

test('attempts in a row that do not even connect open it early; anything that connects begins the row anew', () => {
  const { breaker } = house({ minimumRequests: 100 })
  run(breaker, 'unreachable', 'unreachable', 'failure', 'unreachable', 'neutral', 'unreachable')
  assert.equal(breaker.state, 'closed')
  run(breaker, 'unreachable')
  assert.equal(breaker.state, 'open')
})

test('first contents that mostly come too late open it, though every answer is good', () => {
  const { breaker, time } = house()
  for (const isSlow of [true, true, false, true]) breaker.noteFirstToken(isSlow)
  assert.equal(breaker.state, 'closed', 'three of four')
  breaker.noteFirstToken(true)
  assert.equal(breaker.state, 'open', 'four of five')
  time.ms += 5_000
  const leave = breaker.enter()
  breaker.noteFirstToken(true)
  leave('success')
  assert.equal(breaker.state, 'open', 'a slow trial is no good trial')
})

test('under suspicion one failure is enough, and as many successes as trials end it', () => {
  const { breaker, time } = house()
  breaker.suspect(5_000)
  assert.ok(breaker.isSuspected && breaker.isOpenToRequests)
  run(breaker, 'success', 'success')
  assert.ok(!breaker.isSuspected)
  run(breaker, 'failure')
  assert.equal(breaker.state, 'closed')
  breaker.suspect(5_000)
  run(breaker, 'failure')
  assert.equal(breaker.state, 'open')

  const other = house()
  other.breaker.suspect(5_000)
  other.time.ms += 5_000
  run(other.breaker, 'failure')
  assert.equal(other.breaker.state, 'closed', 'hearsay holds for its time and no longer')
  assert.equal(time.ms, 1_000_000)
})

test('a trial that ends late says nothing about the next round', () => {
  const { breaker, time } = house()
  run(breaker, 'failure', 'failure', 'failure', 'failure')
  time.ms += 5_000
  const late = breaker.enter()
  run(breaker, 'failure')
  time.ms += 10_000
  run(breaker, 'success')
  late('success')
  assert.equal(breaker.state, 'half-open')
  run(breaker, 'success')
  assert.equal(breaker.state, 'closed')
})

test('an outcome told twice counts once', () => {
  const { breaker } = house()
  const leave = breaker.enter()
  for (let time = 0; time < 10; time++) leave('failure')
  assert.equal(breaker.state, 'closed')
})

type Step =
  | { readonly does: 'enter' | 'wait' }
  | { readonly does: 'leave'; readonly outcome: Outcome; readonly which: number }

test('in any order of events, trials never pass their number and every place comes back', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ does: fc.constantFrom('enter' as const, 'wait' as const) }),
    fc.record({
      does: fc.constant('leave' as const),
      outcome: fc.constantFrom<Outcome>('success', 'failure', 'failure', 'neutral'),
      which: fc.nat(20),
    }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { breaker, time } = house()
      let inside: { readonly leave: (outcome: Outcome) => void; readonly isTrial: boolean }[] = []
      for (const one of steps) {
        if (one.does === 'wait') time.ms += 2_500
        if (one.does === 'enter') {
          const isTrial = breaker.state === 'half-open'
          const mayEnter = breaker.isOpenToRequests
          try {
            inside.push({ leave: breaker.enter(), isTrial })
            assert.ok(mayEnter)
          } catch (thrown) {
            assert.ok(thrown instanceof Problem && !mayEnter)
          }
        }
        if (one.does === 'leave' && inside.length > 0) {
          const [gone] = inside.splice(one.which % inside.length, 1)
          gone?.leave(one.outcome)
        }
        assert.ok(inside.filter(({ isTrial }) => isTrial).length <= usual.halfOpenTrials)
      }
      for (const { leave } of inside) leave('neutral')
      inside = []
      time.ms += usual.openMaxMs
      assert.ok(breaker.isOpenToRequests)
      run(breaker, 'success', 'success')
      assert.equal(breaker.state, 'closed')
    }),
  )
})

test('it opens after as many silent calls as the settings say, unless anything was heard in between', () => {
  const { breaker, time, opened } = house()
  breaker.noteSilence(time.ms)
  breaker.noteSilence(time.ms)
  breaker.noteFirstToken(false)
  breaker.noteSilence(time.ms)
  breaker.noteSilence(time.ms)
  run(breaker, 'success')
  breaker.noteSilence(time.ms)
  breaker.noteSilence(time.ms)
  assert.equal(breaker.state, 'closed')
  breaker.noteSilence(time.ms)
  assert.equal(breaker.state, 'open')
  assert.deepEqual(opened, [5_000])
})

test('one silent trial is enough, and calls from before the trials say nothing about them', () => {
  const { breaker, time, opened } = house()
  const longAgo = time.ms
  for (let call = 0; call < 3; call++) breaker.noteSilence(time.ms)
  time.ms += 5_000
  const leave = breaker.enter()
  breaker.noteSilence(longAgo)
  assert.equal(breaker.state, 'half-open')
  breaker.noteSilence(time.ms)
  leave('neutral')
  assert.equal(breaker.state, 'open')
  assert.deepEqual(opened, [5_000, 10_000])
})

test('who has nobody else may ask a silent track; its answers end the silence, its failures shut it for good', () => {
  const silent = house()
  for (let call = 0; call < 3; call++) silent.breaker.noteSilence(silent.time.ms)
  refusal(silent.breaker)
  for (let call = 0; call < 2; call++) silent.breaker.enter(true)('success')
  assert.equal(silent.breaker.state, 'closed')

  const dead = house()
  for (let call = 0; call < 3; call++) dead.breaker.noteSilence(dead.time.ms)
  for (let call = 0; call < 4; call++) dead.breaker.enter(true)('failure')
  assert.throws(() => dead.breaker.enter(true), { code: 'circuit_open' })

  const failing = house()
  run(failing.breaker, 'failure', 'failure', 'failure', 'failure')
  assert.throws(() => failing.breaker.enter(true), { code: 'circuit_open' })
})
