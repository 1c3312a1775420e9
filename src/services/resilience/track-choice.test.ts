import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { outlierAmong } from '#services/resilience/outliers.ts'
import type { EjectionSettings, Faring } from '#services/resilience/outliers.ts'
import { chooseTrack, standings } from '#services/resilience/track-choice.ts'

const standing = fc.constantFrom(...Object.values(standings))
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const some = fc.array(fc.record({ standing, weight: fc.nat(5) }), { minLength: 1, maxLength: 12 })

test('whoever is chosen stands as well as anybody, and has a weight if any of these has', () => {
  fc.assert(
    fc.property(some, fraction, (tracks, point) => {
      const chosen = tracks[chooseTrack(tracks, point)]
      assert.ok(chosen)
      const best = Math.min(...tracks.map((track) => track.standing))
      assert.equal(chosen.standing, best)
      const equals = tracks.filter((track) => track.standing === best)
      if (equals.some(({ weight }) => weight > 0)) assert.ok(chosen.weight > 0)
    }),
  )
})

test('over all chances each of the best has exactly its share', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(6), { minLength: 1, maxLength: 6 }), (weights) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      fc.pre(total > 0)
      const tracks = weights.map((weight) => ({ standing: standings.good, weight }))
      const counts = weights.map(() => 0)
      for (let step = 0; step < total; step++) {
        const at = chooseTrack(tracks, (step + 0.5) / total)
        counts[at] = (counts[at] ?? 0) + 1
      }
      assert.deepEqual(counts, weights)
    }),
  )
})

const usual: EjectionSettings = {
  minimumRequests: 20,
  margin: 0.2,
  deviations: 1.9,
  shareMax: 0.3,
  ejectMs: 30_000,
}
const faring = (successRate: number, changes: Partial<Faring> = {}): Faring => ({
  counted: 100,
  successRate,
  isOut: false,
  ...changes,
})

test('the one that fails much more often than the others is the outlier, also of two', () => {
  assert.equal(outlierAmong([faring(1), faring(0.7)], usual), 1)
  assert.equal(outlierAmong([faring(1), faring(0.85)], usual), undefined)
  assert.equal(outlierAmong([faring(0.3), faring(0.3)], usual), undefined, 'all are bad alike')
  assert.equal(outlierAmong([faring(0.99), faring(0.2), faring(0.98), faring(0.97)], usual), 1)
  assert.equal(outlierAmong([faring(1), faring(0, { counted: 19 })], usual), undefined, 'too few to judge')
  const scattered = [faring(1), faring(0.6), faring(0.9), faring(0.5), faring(0.45)]
  assert.equal(outlierAmong(scattered, usual), undefined, 'where all differ, nobody stands out')
})

test('however they fare, the last is never left out, nor more than the share, and only one below the mean', () => {
  const anyFaring = fc.record({
    counted: fc.nat(200),
    successRate: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    isOut: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(anyFaring, { maxLength: 12 }), (farings) => {
      const at = outlierAmong(farings, usual)
      if (at === undefined) return
      const outlier = farings[at]
      assert.ok(outlier && !outlier.isOut && outlier.counted >= usual.minimumRequests)
      const out = farings.filter(({ isOut }) => isOut).length + 1
      assert.ok(out < farings.length)
      assert.ok(out <= Math.max(1, farings.length * usual.shareMax))
    }),
  )
})
