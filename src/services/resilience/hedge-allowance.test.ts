import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toNanoUsd } from '#core/domain/money.ts'
import { createHedgeAllowance } from '#services/resilience/hedge-allowance.ts'
import { createTypicalWait } from '#services/resilience/typical-wait.ts'

const cheap = toNanoUsd(100)
const dear = toNanoUsd(1_000)

test('one stream in twenty may be asked twice, and a quiet hour saves up ten at most', () => {
  const allowance = createHedgeAllowance(() => ({ isEnabled: true, share: 0.05, samplesLeast: 20 }))
  let taken = 0
  for (let stream = 0; stream < 1_000; stream++) {
    allowance.earn(dear)
    if (allowance.take(dear)) taken++
  }
  assert.ok(taken >= 49 && taken <= 50, String(taken))
  for (let stream = 0; stream < 1_000; stream++) allowance.earn(dear)
  taken = 0
  while (allowance.take(dear)) taken++
  assert.equal(taken, 10)
})

test('what second targets add stays within the share of what all streams may cost, and of free ones within that of streams', () => {
  const cost = fc.integer({ min: 0, max: 1_000_000 }).map(toNanoUsd)
  const settings = { isEnabled: true, share: 0.05, samplesLeast: 20 }
  fc.assert(
    fc.property(fc.array(fc.record({ held: cost, added: cost }), { maxLength: 400 }), (streams) => {
      const allowance = createHedgeAllowance(() => settings)
      const sums = { streams: 0, held: 0, hedges: 0, added: 0 }
      for (const { held, added } of streams) {
        allowance.earn(held)
        sums.streams += 1
        sums.held += held
        if (!allowance.take(added)) continue
        sums.hedges += 1
        sums.added += added
        const slack = 1 + 1e-9
        assert.ok(sums.added <= sums.held * settings.share * slack, 'money')
        assert.ok(sums.hedges <= sums.streams * settings.share * slack, 'streams')
      }
    }),
  )
})

test('a dearer second target is asked more rarely', () => {
  const allowance = createHedgeAllowance(() => ({ isEnabled: true, share: 0.05, samplesLeast: 20 }))
  let taken = 0
  for (let stream = 0; stream < 1_000; stream++) {
    allowance.earn(cheap)
    if (allowance.take(dear)) taken++
  }
  assert.ok(taken >= 4 && taken <= 5, String(taken))
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
