/** Windows of time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, constantFrom, integer, property } from 'fast-check'
import { rollingWindows, windowAt } from '#core/domain/budget-window.ts'

test('each kind of window has its own name, start and end', () => {
  const nowMs = Date.UTC(2026, 10, 22, 5, 30)
  const text = (window: Parameters<typeof windowAt>[0]) => {
    const { id, startsAtMs, resetsAtMs } = windowAt(window, nowMs)
    const reset = resetsAtMs === undefined ? 'never' : new Date(resetsAtMs).toISOString()
    return [id, new Date(startsAtMs).toISOString(), reset].join(' ')
  }
  assert.equal(text('hour'), '2026-11-22T05 2026-11-22T05:00:00.000Z 2026-11-22T06:00:00.000Z')
  assert.equal(text('day'), '2026-11-22 2026-11-22T00:00:00.000Z 2026-11-23T00:00:00.000Z')
  assert.equal(text('week'), '2026-11-16/P7D 2026-11-16T00:00:00.000Z 2026-11-23T00:00:00.000Z')
  assert.equal(text('month'), '2026-11 2026-11-01T00:00:00.000Z 2026-12-01T00:00:00.000Z')
  assert.equal(text('total'), 'total 1970-01-01T00:00:00.000Z never')
})

test('a moment lies in its window, and the window ends where the next begins', () => {
  const moments = integer({ min: 0, max: Date.UTC(2099, 11, 31) })
  check(
    property(constantFrom('hour', 'day', 'week', 'month'), moments, (window, nowMs) => {
      const span = windowAt(window, nowMs)
      assert.ok(span.resetsAtMs !== undefined && span.startsAtMs <= nowMs && nowMs < span.resetsAtMs)
      assert.deepEqual(windowAt(window, span.resetsAtMs - 1), span)
      const next = windowAt(window, span.resetsAtMs)
      assert.equal(next.startsAtMs, span.resetsAtMs)
      assert.notEqual(next.id, span.id)
      if (window === 'week') assert.equal(new Date(span.startsAtMs).getUTCDay(), 1)
    }),
  )
})

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
] as const
const hourMs = 3_600_000

test('in every zone a moment lies in its day, week and month, which end where the next begin', () => {
  const moments = integer({ min: Date.UTC(2011, 0, 1), max: Date.UTC(2037, 11, 31) })
  const windows = constantFrom('day', 'week', 'month')
  check(
    property(windows, constantFrom(...zones), moments, (window, zone, nowMs) => {
      const span = windowAt(window, nowMs, zone)
      assert.ok(span.endsAtMs !== undefined && span.startsAtMs <= nowMs && nowMs < span.endsAtMs)
      assert.deepEqual(windowAt(window, span.startsAtMs, zone), span)
      assert.deepEqual(windowAt(window, span.endsAtMs - 1, zone), span)
      const next = windowAt(window, span.endsAtMs, zone)
      assert.equal(next.startsAtMs, span.endsAtMs)
      assert.notEqual(next.id, span.id)
    }),
    { numRuns: 60 },
  )
})

test('a day has 23 or 25 hours where clocks are set, and ends at the midnight of its zone', () => {
  const lengthOf = (zone: string, atMs: number) => {
    const { startsAtMs, resetsAtMs = 0 } = windowAt('day', atMs, zone)
    return (resetsAtMs - startsAtMs) / hourMs
  }
  assert.equal(lengthOf('Europe/Berlin', Date.UTC(2026, 2, 29, 12)), 23)
  assert.equal(lengthOf('Europe/Berlin', Date.UTC(2026, 9, 25, 12)), 25)
  assert.equal(lengthOf('Europe/Berlin', Date.UTC(2026, 9, 26, 12)), 24)
  assert.equal(lengthOf('Australia/Lord_Howe', Date.UTC(2026, 3, 4, 20)), 24.5)
  const span = windowAt('day', Date.UTC(2026, 9, 25, 12), 'Europe/Berlin')
  assert.equal(span.id, '2026-10-25[Europe/Berlin]')
  assert.equal(span.resetsAtMs, Date.UTC(2026, 9, 25, 23))
  const week = windowAt('week', Date.UTC(2026, 10, 22, 23, 30), 'Europe/Berlin')
  assert.deepEqual([week.id, week.startsAtMs], ['2026-11-23/P7D[Europe/Berlin]', Date.UTC(2026, 10, 22, 23)])
})

test('an hour that clocks show twice is two windows, and hours begin where the zone has them begin', () => {
  const first = windowAt('hour', Date.UTC(2026, 9, 25, 0, 30), 'Europe/Berlin')
  const second = windowAt('hour', Date.UTC(2026, 9, 25, 1, 30), 'Europe/Berlin')
  assert.notEqual(first.id, second.id)
  assert.equal(first.resetsAtMs, second.startsAtMs)
  assert.equal(
    windowAt('hour', Date.UTC(2026, 0, 1, 5, 45), 'Asia/Kolkata').startsAtMs,
    Date.UTC(2026, 0, 1, 5, 30),
  )
})

test('a rolling window covers its whole length before every moment, and at most one part more', () => {
  const lengths = { 'rolling-hour': 1, 'rolling-day': 24, 'rolling-week': 168, 'rolling-month': 720 } as const
  const moments = integer({ min: 0, max: Date.UTC(2099, 11, 31) })
  check(
    property(constantFrom(...rollingWindows), moments, moments, (window, nowMs, step) => {
      const span = windowAt(window, nowMs)
      const { earlier = [], endsAtMs = 0, resetsAtMs } = span
      const lengthMs = lengths[window] * hourMs
      const partMs = endsAtMs - span.startsAtMs
      assert.ok(span.startsAtMs <= nowMs && nowMs < endsAtMs)
      assert.equal(earlier.length, lengthMs / partMs)
      assert.equal(resetsAtMs, endsAtMs + lengthMs)
      // A moment before counts now if it lies within the length; if it counts, it lies within a part more.
      const beforeMs = Math.max(0, nowMs - (step % (2 * lengthMs)))
      const before = windowAt(window, beforeMs).id
      const counts = before === span.id || earlier.some((part) => part.window === before)
      if (nowMs - beforeMs <= lengthMs) assert.ok(counts)
      if (counts) assert.ok(nowMs - beforeMs < lengthMs + partMs)
      // Each part says itself when it leaves.
      for (const part of earlier) {
        assert.ok(part.resetsAtMs > nowMs)
        const after = windowAt(window, part.resetsAtMs).earlier ?? []
        assert.ok(!after.some((other) => other.window === part.window))
      }
    }),
    { numRuns: 60 },
  )
})
