import assert from 'node:assert/strict'
import { test } from 'node:test'
import { breakerHouse as house, refusal, run } from '#tests/support/breaker-house.ts'

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

test('a row of failures opens it, however many successes came before; a row is one of late', () => {
  const { breaker, time } = house()
  run(breaker, ...Array.from({ length: 20 }, () => 'success' as const))
  run(breaker, 'failure', 'failure', 'failure')
  time.ms += 11_000
  run(breaker, 'failure', 'success', 'success', 'success', 'failure')
  assert.equal(breaker.state, 'closed')

  const fallen = house().breaker
  run(fallen, ...Array.from({ length: 20 }, () => 'success' as const))
  run(fallen, 'failure', 'failure', 'failure', 'failure')
  assert.equal(fallen.state, 'open')
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
  const trial = breaker.enter()
  breaker.noteFirstToken(true)
  trial.leave('success')
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

test('an outcome told twice counts once', () => {
  const { breaker } = house()
  const place = breaker.enter()
  for (let time = 0; time < 10; time++) place.leave('failure')
  assert.equal(breaker.state, 'closed')
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
