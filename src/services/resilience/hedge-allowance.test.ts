import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHedgeAllowance } from '#services/resilience/hedge-allowance.ts'
import { createTypicalWait } from '#services/resilience/typical-wait.ts'

test('one stream in twenty may be asked twice, and a quiet hour saves up ten at most', () => {
  const allowance = createHedgeAllowance(() => ({ isEnabled: true, share: 0.05, samplesLeast: 20 }))
  let taken = 0
  for (let stream = 0; stream < 1_000; stream++) {
    allowance.earn()
    if (allowance.take()) taken++
  }
  assert.ok(taken >= 49 && taken <= 50, String(taken))
  for (let stream = 0; stream < 1_000; stream++) allowance.earn()
  taken = 0
  while (allowance.take()) taken++
  assert.equal(taken, 10)
})

test('late is what nineteen of twenty stay below, and nothing is late while little is known', () => {
  const wait = createTypicalWait({ nowMs: () => 0, monotonicMs: () => 0 })
  for (let tookMs = 1; tookMs < 20; tookMs++) wait.note(tookMs)
  assert.equal(wait.slowMs(20), undefined)
  wait.note(20)
  assert.equal(wait.slowMs(20), 20)
  for (let more = 0; more < 12; more++) wait.note(5)
  assert.equal(wait.slowMs(20), 19)
})
