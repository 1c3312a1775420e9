import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Problem } from '#core/domain/problem.ts'
import type { BreakerPlace, Outcome } from '#services/resilience/breaker.ts'
import { breakerHouse as house, refusal, run, usualBreaker as usual } from '#tests/support/breaker-house.ts'

test('after its time one trial is let in, then one more for each that was heard; it closes when they succeed', () => {
  const { breaker, time } = house()
  run(breaker, 'failure', 'failure', 'failure', 'failure')
  time.ms += 4_999
  assert.equal(refusal(breaker).details.retryAfterMs, 1)
  assert.equal(breaker.isOpenToRequests, false)
  time.ms += 1
  assert.equal(breaker.state, 'half-open')
  const first = breaker.enter()
  assert.ok(first.isTrial)
  assert.equal(breaker.isOpenToRequests, false)
  refusal(breaker)
  first.heard()
  const others = [breaker.enter(), breaker.enter()]
  refusal(breaker)
  first.leave('success')
  assert.equal(breaker.state, 'half-open')
  others[0]?.leave('success')
  assert.equal(breaker.state, 'closed')
  others[1]?.leave('success')
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

test('a trial of which nothing comes keeps others out for as long as the track was left alone, and no longer', () => {
  const { breaker, time } = house()
  run(breaker, 'failure', 'failure', 'failure', 'failure')
  time.ms += 5_000
  const hanging = breaker.enter()
  time.ms += 4_999
  refusal(breaker)
  time.ms += 1
  run(breaker, 'success', 'success')
  assert.equal(breaker.state, 'closed')
  hanging.leave('failure')
  assert.equal(breaker.state, 'closed', 'one failure among others')
})

test('what a trial waited in vain is taken off the time for which the track is left alone', () => {
  const { breaker, time } = house({ openMs: 2_000 })
  run(breaker, 'failure', 'failure', 'failure', 'failure')
  for (const [triedForMs, waitMs] of [
    [500, 3_500],
    [7_000, 2_000],
  ] as const) {
    time.ms += breaker.waitMs
    const trial = breaker.enter()
    time.ms += triedForMs
    trial.leave('failure')
    assert.equal(breaker.waitMs, waitMs)
  }
})

test('a trial that ends late says nothing about the next round', () => {
  const { breaker, time } = house()
  run(breaker, 'failure', 'failure', 'failure', 'failure')
  time.ms += 5_000
  const late = breaker.enter()
  time.ms += 5_000
  run(breaker, 'failure')
  time.ms += 10_000
  run(breaker, 'success')
  late.leave('success')
  assert.equal(breaker.state, 'half-open')
  run(breaker, 'success')
  assert.equal(breaker.state, 'closed')
})

type Step =
  | { readonly does: 'enter' | 'wait' }
  | { readonly does: 'hear'; readonly which: number }
  | { readonly does: 'leave'; readonly outcome: Outcome; readonly which: number }

test('in any order of events, one trial more waits than was heard, and every place comes back', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ does: fc.constantFrom('enter' as const, 'wait' as const) }),
    fc.record({ does: fc.constant('hear' as const), which: fc.nat(20) }),
    fc.record({
      does: fc.constant('leave' as const),
      outcome: fc.constantFrom<Outcome>('success', 'failure', 'failure', 'neutral'),
      which: fc.nat(20),
    }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { breaker, time } = house()
      let inside: { readonly place: BreakerPlace; isHeard: boolean }[] = []
      let heard = 0
      for (const one of steps) {
        if (one.does === 'wait') time.ms += 1_000
        if (one.does === 'enter') {
          const mayEnter = breaker.isOpenToRequests
          try {
            inside.push({ place: breaker.enter(), isHeard: false })
            assert.ok(mayEnter)
          } catch (thrown) {
            assert.ok(thrown instanceof Problem && !mayEnter)
          }
        }
        if (one.does === 'hear' && inside.length > 0) {
          const spoken = inside[one.which % inside.length]
          spoken?.place.heard()
          if (spoken?.place.isTrial && !spoken.isHeard) heard++
          if (spoken) spoken.isHeard = true
        }
        if (one.does === 'leave' && inside.length > 0) {
          const [gone] = inside.splice(one.which % inside.length, 1)
          if (gone?.place.isTrial && !gone.isHeard && one.outcome === 'success') heard++
          gone?.place.leave(one.outcome)
        }
        const waiting = inside.filter(({ place, isHeard }) => place.isTrial && !isHeard).length
        const longWaits = Math.ceil((time.ms - 1_000_000) / usual.openMs)
        assert.ok(waiting <= 1 + heard + longWaits)
      }
      for (const { place } of inside) place.leave('neutral')
      inside = []
      time.ms += usual.openMaxMs
      assert.ok(breaker.isOpenToRequests)
      run(breaker, 'success', 'success')
      assert.equal(breaker.state, 'closed')
    }),
  )
})

test('one silent trial is enough, and calls from before the trials say nothing about them', () => {
  const { breaker, time, opened } = house()
  const longAgo = time.ms
  for (let call = 0; call < 3; call++) breaker.noteSilence(time.ms)
  time.ms += 5_000
  const trial = breaker.enter()
  breaker.noteSilence(longAgo)
  assert.equal(breaker.state, 'half-open')
  breaker.noteSilence(time.ms)
  trial.leave('neutral')
  assert.equal(breaker.state, 'open')
  assert.deepEqual(opened, [5_000, 10_000])
})

test('who has nobody else may ask a silent track; its answers end the silence, its failures shut it for good', () => {
  const silent = house()
  for (let call = 0; call < 3; call++) silent.breaker.noteSilence(silent.time.ms)
  refusal(silent.breaker)
  silent.breaker.enter(true).heard()
  assert.equal(silent.breaker.state, 'closed')

  const slow = house()
  for (let call = 0; call < 3; call++) slow.breaker.noteSilence(slow.time.ms)
  slow.breaker.enter(true).leave('success')
  assert.equal(slow.breaker.state, 'open', 'an answer that came late')
  slow.breaker.enter(true).leave('success')
  assert.equal(slow.breaker.state, 'closed')

  const dead = house()
  for (let call = 0; call < 3; call++) dead.breaker.noteSilence(dead.time.ms)
  for (let call = 0; call < 4; call++) dead.breaker.enter(true).leave('failure')
  assert.throws(() => dead.breaker.enter(true), { code: 'circuit_open' })

  const failing = house()
  run(failing.breaker, 'failure', 'failure', 'failure', 'failure')
  assert.throws(() => failing.breaker.enter(true), { code: 'circuit_open' })
})

test('a word in time ends an opening for silence at once, whoever asked for it, and none for failures', () => {
  const { breaker, time } = house()
  const sound = breaker.enter()
  for (let call = 0; call < 3; call++) breaker.noteSilence(time.ms)
  assert.equal(breaker.state, 'open')
  sound.heard()
  assert.equal(breaker.state, 'closed')

  for (let call = 0; call < 3; call++) breaker.noteSilence(time.ms)
  time.ms += 5_000
  const trial = breaker.enter()
  trial.heard()
  assert.equal(breaker.state, 'closed')
  trial.leave('success')

  const failing = house().breaker
  const early = failing.enter()
  run(failing, 'failure', 'failure', 'failure', 'failure')
  early.heard()
  early.leave('success')
  assert.equal(failing.state, 'open')
})

test('a silent track is left alone for longer than one that fails loudly', () => {
  const { breaker, time, opened } = house()
  for (let call = 0; call < 3; call++) breaker.noteSilence(time.ms)
  for (let trial = 0; trial < 3; trial++) {
    time.ms += breaker.waitMs
    const place = breaker.enter()
    breaker.noteSilence(time.ms)
    place.leave('neutral')
  }
  assert.deepEqual(opened, [5_000, 10_000, 20_000, 24_000])
})
