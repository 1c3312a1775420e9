/** Percentiles from counts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, integer, property } from 'fast-check'
import {
  countLatency,
  emptyLatencyCounts,
  latencyBoundsMs,
  latencyPercentile,
} from '#core/domain/latency-counts.ts'

const countsOf = (latencies: readonly number[]) => {
  const counts = emptyLatencyCounts()
  for (const latencyMs of latencies) countLatency(counts, latencyMs)
  return counts
}

test('nothing counted has no percentile', () => {
  assert.equal(latencyPercentile(emptyLatencyCounts(), 0.5), null)
})

test('what lies above the last bound is told as the last bound', () => {
  assert.equal(latencyPercentile(countsOf([500_000]), 0.5), latencyBoundsMs.at(-1))
})

test('a percentile lies in the same gap between bounds as the true one', () => {
  const share = integer({ min: 1, max: 100 }).map((percent) => percent / 100)
  check(
    property(
      array(integer({ min: 1, max: 120_000 }), { minLength: 1, maxLength: 60 }),
      share,
      (latencies, part) => {
        const sorted = [...latencies].sort((a, b) => a - b)
        const exact = sorted[Math.ceil(part * sorted.length) - 1] ?? 0
        const told = latencyPercentile(countsOf(latencies), part) ?? -1
        const upper = latencyBoundsMs.find((bound) => bound >= exact) ?? 0
        const lower = latencyBoundsMs.findLast((bound) => bound < exact) ?? 0
        assert.ok(told >= lower && told <= upper, `${told} is not within ${lower} and ${upper}`)
      },
    ),
  )
})
