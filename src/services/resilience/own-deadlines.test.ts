import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resilienceHouse, watchedTarget } from '#tests/support/resilience-house.ts'

const ownDeadlines = {
  ofModels: new Map([['openai/gpt-4o', { firstTokenMs: 200_000, idleMs: 7_000 }]]),
  ofRoutes: new Map([
    ['patient', { totalMs: 900_000, idleMs: 9_000 }],
    ['hasty', { firstTokenMs: 3_000, headersMs: 2_000 }],
  ]),
}
const { resilience } = resilienceHouse({ ownDeadlines })
const haste = { elapsedMs: 0, deadlineMs: undefined, isStreamed: true }

test("a model's own deadlines hold for it, and a route's before them", () => {
  const usual = resilience.deadlinesFor(watchedTarget(), haste)
  assert.deepEqual(
    [usual.headersMs, usual.firstTokenMs, usual.idleMs, usual.totalMs],
    [200_000, 200_000, 7_000, 600_000],
  )
  const patient = resilience.deadlinesFor(watchedTarget(), { ...haste, route: 'patient' })
  assert.deepEqual([patient.firstTokenMs, patient.idleMs, patient.totalMs], [200_000, 9_000, 900_000])
  const hasty = resilience.deadlinesFor(watchedTarget(), { ...haste, route: 'hasty' })
  assert.deepEqual([hasty.headersMs, hasty.firstTokenMs], [2_000, 3_000])
  const thinking = resilience.deadlinesFor(watchedTarget(['reasoning']), { ...haste, route: 'hasty' })
  assert.equal(thinking.firstTokenMs, 3_000)
})

test('others keep the usual ones', () => {
  const other = { ...watchedTarget(), model: 'gpt-other' }
  const { firstTokenMs, idleMs } = resilience.deadlinesFor(other, haste)
  assert.deepEqual([firstTokenMs, idleMs], [60_000, 120_000])
})
