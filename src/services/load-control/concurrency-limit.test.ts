/** The limit of one target: within its bounds whatever happens, down when it is too much, up again when it is not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createConcurrencyLimit } from '#services/load-control/concurrency-limit.ts'

const bounds = { concurrencyMin: 4, concurrencyMax: 100 }
const open = (concurrencyMax = bounds.concurrencyMax) =>
  createConcurrencyLimit(() => ({ ...bounds, concurrencyMax }))

test('a target that nothing is known of begins with the most', () => {
  assert.equal(open().current, 100)
  assert.equal(open().usualMs, undefined)
})

test('a refusal halves it, and those that were under way then do not halve it again', () => {
  const limit = open()
  limit.refused(100, 0, 10)
  assert.equal(limit.current, 50)
  limit.refused(99, 5, 11)
  assert.equal(limit.current, 50)
  limit.refused(50, 11, 20)
  assert.equal(limit.current, 25)
})

test('a refusal is measured by what was under way, not by a limit that nobody came near', () => {
  const limit = open(10_000)
  limit.refused(60, 0, 1)
  assert.equal(limit.current, 60)
  const quota = open(10_000)
  quota.refused(1, 0, 1)
  assert.equal(quota.current, 16)
})

test('answers that begin far later than usual shrink it, and as usual again let it grow', () => {
  const limit = open()
  for (let answer = 0; answer < 200; answer++) limit.answered(100, limit.current)
  assert.equal(limit.current, 100)
  assert.ok(Math.abs((limit.usualMs ?? 0) - 100) < 1)
  for (let answer = 0; answer < 60; answer++) limit.answered(1_000, limit.current)
  const shrunk = limit.current
  assert.ok(shrunk < 80, `still ${shrunk}`)
  for (let answer = 0; answer < 1_000; answer++) limit.answered(100, limit.current)
  assert.equal(limit.current, 100)
})

test('a target that is not filled shows nothing of what it can take, so its limit stays', () => {
  const limit = open()
  limit.refused(100, 0, 1)
  for (let answer = 0; answer < 500; answer++) limit.answered(100, 3)
  assert.equal(limit.current, 50)
})

test('whole answers, of which no first token is known, let it grow too', () => {
  const limit = open()
  limit.refused(100, 0, 1)
  for (let answer = 0; answer < 500; answer++) limit.answered(undefined, limit.current)
  assert.equal(limit.current, 100)
})

test('whatever a target does, the limit is a whole number within its bounds', () => {
  const happening = fc.oneof(
    fc.record({
      kind: fc.constant('answered' as const),
      firstTokenMs: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { nil: undefined }),
      underWay: fc.nat(2_000),
    }),
    fc.record({ kind: fc.constant('refused' as const), underWay: fc.nat(2_000), tookMs: fc.nat(10_000) }),
    fc.record({
      kind: fc.constant('bounds' as const),
      least: fc.integer({ min: 1, max: 50 }),
      more: fc.nat(2_000),
    }),
  )
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 300 }), (happenings) => {
      let current = { concurrencyMin: 4, concurrencyMax: 100 }
      const limit = createConcurrencyLimit(() => current)
      let nowMs = 0
      for (const one of happenings) {
        if (one.kind === 'answered') limit.answered(one.firstTokenMs, one.underWay)
        else if (one.kind === 'refused') limit.refused(one.underWay, nowMs, (nowMs += one.tookMs))
        else current = { concurrencyMin: one.least, concurrencyMax: one.least + one.more }
        assert.ok(Number.isInteger(limit.current))
        assert.ok(limit.current >= current.concurrencyMin && limit.current <= current.concurrencyMax)
      }
    }),
  )
})
