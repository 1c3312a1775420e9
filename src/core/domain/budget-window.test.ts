/** Windows of time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, constantFrom, integer, property } from 'fast-check'
import { windowAt } from '#core/domain/budget-window.ts'

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
