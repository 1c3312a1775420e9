/** Clocks around the world. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { knownTimeZone, firstMomentAt, wallTimeMs } from '#core/domain/time-zone.ts'

test('zones are known by their IANA names in any case, and by nothing else', () => {
  assert.equal(knownTimeZone('europe/berlin'), 'Europe/Berlin')
  assert.equal(knownTimeZone('UTC'), 'UTC')
  assert.equal(knownTimeZone('Asia/Kathmandu'), 'Asia/Kathmandu')
  assert.equal(knownTimeZone('Asia/Katmandu'), 'Asia/Katmandu')
  for (const wrong of ['', 'Mars/Olympus', '+02:00', 'Europe', 'Europe/Berlin ']) {
    assert.equal(knownTimeZone(wrong), undefined, wrong)
  }
})

test('a clock shows its zone, with its milliseconds', () => {
  const moment = Date.UTC(2026, 6, 1, 22, 30, 15, 250)
  assert.equal(wallTimeMs('Europe/Berlin', moment), Date.UTC(2026, 6, 2, 0, 30, 15, 250))
  assert.equal(wallTimeMs('Asia/Kathmandu', moment), Date.UTC(2026, 6, 2, 4, 15, 15, 250))
})

test('a midnight that clocks skip begins where they skip it, and one that they show twice the first time', () => {
  // Cairo sets its clocks from 24:00 to 01:00; Havana from 01:00 back to 00:00.
  const skipped = firstMomentAt('Africa/Cairo', Date.UTC(2026, 3, 24))
  assert.equal(skipped, Date.UTC(2026, 3, 23, 22))
  assert.equal(wallTimeMs('Africa/Cairo', skipped), Date.UTC(2026, 3, 24, 1))
  const twice = firstMomentAt('America/Havana', Date.UTC(2026, 10, 1))
  assert.equal(twice, Date.UTC(2026, 10, 1, 4))
  assert.equal(wallTimeMs('America/Havana', twice + 3_600_000), Date.UTC(2026, 10, 1))
})
