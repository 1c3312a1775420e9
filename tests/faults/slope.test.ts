/** The slope that a soak is judged by. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { slopePerHour } from '#tests/faults/slope.ts'

const line = (perHour: number) =>
  Array.from({ length: 20 }, (_, at) => ({ atMs: at * 60_000, value: 50 + (perHour * at) / 60 }))

it('a straight line has its own slope, also when a few samples are far off it', () => {
  const samples = line(3).map((sample, at) => (at % 7 === 0 ? { ...sample, value: 900 } : sample))
  assert.ok(Math.abs(slopePerHour(line(3)) - 3) < 1e-9)
  assert.ok(Math.abs(slopePerHour(samples) - 3) < 0.5, String(slopePerHour(samples)))
  assert.equal(slopePerHour(line(0)), 0)
})

it('one sample has no slope', () => {
  assert.throws(() => slopePerHour([{ atMs: 0, value: 1 }]))
})
