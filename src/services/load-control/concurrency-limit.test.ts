/** The limit of one target: within its bounds whatever happens, down when it is too much, up again when it is not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createConcurrencyLimit } from '#services/load-control/concurrency-limit.ts'
import type { ConcurrencyLimit } from '#services/load-control/concurrency-limit.ts'

const bounds = { concurrencyMin: 4, concurrencyMax: 100 }
const open = (concurrencyMax = bounds.concurrencyMax) =>
  createConcurrencyLimit(() => ({ ...bounds, concurrencyMax }))

/** Requests one after another: each takes a moment of its own. */
function turns(limit: ConcurrencyLimit) {
  let nowMs = 0
  return (count: number, firstTokenMs: number | undefined, underWay = () => limit.current) => {
    for (let turn = 0; turn < count; turn++) {
      limit.answered(firstTokenMs, { beganAtMs: nowMs + 1, nowMs: nowMs + 2, underWay: underWay() })
      nowMs += 2
    }
  }
}
const round = (underWay: number, beganAtMs: number, nowMs: number) => ({ underWay, beganAtMs, nowMs })

test('a target that nothing is known of begins with the most', () => {
  assert.equal(open().current, 100)
  assert.equal(open().usualMs, undefined)
})

test('a refusal halves it, and those that were under way then do not halve it again', () => {
  const limit = open()
  limit.refused(round(100, 0, 10))
  assert.equal(limit.current, 50)
  limit.refused(round(99, 5, 11))
  assert.equal(limit.current, 50)
  limit.refused(round(50, 11, 20))
  assert.equal(limit.current, 25)
})

test('a refusal is measured by what was under way, not by a limit that nobody came near', () => {
  const limit = open(10_000)
  limit.refused(round(60, 0, 1))
  assert.equal(limit.current, 60)
  const quota = open(10_000)
  quota.refused(round(1, 0, 1))
  assert.equal(quota.current, 16)
})

test('answers that begin far later than usual shrink it, and as usual again let it grow', () => {
  const limit = open()
  const answer = turns(limit)
  answer(200, 100)
  assert.equal(limit.current, 100)
  assert.ok(Math.abs((limit.usualMs ?? 0) - 100) < 1)
  answer(60, 1_000)
  const shrunk = limit.current
  assert.ok(shrunk < 80, `still ${shrunk}`)
  answer(1_000, 100)
  assert.equal(limit.current, 100)
})

test('a target that is not filled shows nothing of what it can take, so its limit stays', () => {
  const limit = open()
  limit.refused(round(100, 0, 1))
  turns(limit)(500, 100, () => 3)
  assert.equal(limit.current, 50)
})

test('a crowd that all came at once and begins late shrinks it once, not once for every ten of them', () => {
  const limit = open(2_000)
  turns(limit)(100, 100)
  for (let answer = 0; answer < 2_000; answer++) limit.answered(5_000, round(2_000, 1_000, 6_000 + answer))
  assert.ok(limit.current > 1_700 && limit.current < 2_000, `now ${limit.current}`)
})

test('a target that is slow for reasons of its own, with little under way, keeps its limit', () => {
  const limit = open(1_000)
  const answer = turns(limit)
  answer(200, 100, () => 50)
  answer(500, 3_000, () => 50)
  assert.equal(limit.current, 1_000)
})

test('whole answers, of which no first token is known, let it grow too', () => {
  const limit = open()
  limit.refused(round(100, 0, 1))
  turns(limit)(500, undefined)
  assert.equal(limit.current, 100)
})

test('whatever a target does, the limit is a whole number within its bounds', () => {
  const happening = fc.oneof(
    fc.record({
      kind: fc.constant('answered' as const),
      firstTokenMs: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { nil: undefined }),
      underWay: fc.nat(2_000),
      tookMs: fc.nat(10_000),
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
        if (one.kind === 'answered')
          limit.answered(one.firstTokenMs, round(one.underWay, nowMs, (nowMs += one.tookMs)))
        else if (one.kind === 'refused') limit.refused(round(one.underWay, nowMs, (nowMs += one.tookMs)))
        else current = { concurrencyMin: one.least, concurrencyMax: one.least + one.more }
        assert.ok(Number.isInteger(limit.current))
        assert.ok(limit.current >= current.concurrencyMin && limit.current <= current.concurrencyMax)
      }
    }),
  )
})
