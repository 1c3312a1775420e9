/** Facts about how long a model usually takes, beside the plain way of finding it out. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { createTypicalWait } from '#services/resilience/typical-wait.ts'

const kept = 32

it('slowest and median are those of the last measurements, in whatever order they came and were asked for', () => {
  const step = fc.record({ tookMs: fc.integer({ min: 0, max: 50 }), isAsked: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const wait = createTypicalWait({ nowMs: () => 0, monotonicMs: () => 0 })
      const all: number[] = []
      for (const { tookMs, isAsked } of steps) {
        wait.note(tookMs)
        all.push(tookMs)
        if (!isAsked || all.length < 8) continue
        const last = all.slice(-kept).toSorted((a, b) => a - b)
        const median = last[last.length >> 1] ?? 0
        assert.equal(wait.slowestMs, last.at(-1))
        assert.equal(wait.medianMs, median)
        for (const leftMs of [median - 1, median, median + 0.5, 51]) {
          assert.equal(wait.isTooShort(leftMs), leftMs < median)
        }
      }
    }),
  )
})

it('what was measured long ago tells of no usual wait, and still of the slowest', () => {
  let nowMs = 0
  const wait = createTypicalWait({ nowMs: () => nowMs, monotonicMs: () => nowMs })
  for (let count = 0; count < 8; count++) wait.note(10)
  nowMs = 200_000
  assert.deepEqual([wait.medianMs, wait.isTooShort(5), wait.slowestMs], [undefined, false, 10])
  wait.note(3)
  assert.deepEqual([wait.medianMs, wait.isTooShort(1), wait.slowestMs], [undefined, false, 10])
})
