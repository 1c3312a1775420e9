/** Which marks a budget has passed, and when it will be used up. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { double, integer, property, assert as check, tuple, uniqueArray } from 'fast-check'
import type { BudgetStanding } from '#core/domain/budget-standing.ts'
import { windowAt } from '#core/domain/budget-window.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { markName } from '#services/alerts/alert.ts'
import { usedUpAt } from '#services/alerts/forecast.ts'
import { passedMarks, percentOf } from '#services/alerts/passed-marks.ts'
import type { MarkRules } from '#services/alerts/passed-marks.ts'

const dayMs = 86_400_000
const tenthOfNovember = Date.UTC(2026, 10, 11)

function standingOf(spent: number, limit: number, more: Partial<BudgetStanding> = {}): BudgetStanding {
  const window: BudgetStanding['window'] = more.window ?? 'month'
  return {
    scope: 'tenant',
    subject: 'acme',
    tenantId: 'acme',
    counter: 'tenant:acme',
    window,
    span: windowAt(window, tenthOfNovember),
    limitNanoUsd: toNanoUsd(limit),
    isHard: true,
    spentNanoUsd: toNanoUsd(spent),
    heldNanoUsd: toNanoUsd(0),
    isRefusing: false,
    ...more,
  }
}

const rules: MarkRules = {
  thresholds: [1, 0.5, 0.8],
  forecast: { isEnabled: true, daysAhead: 7, windows: ['month', 'total'] },
}
const namesOf = (standing: BudgetStanding, usedUpAtMs?: number, own = rules) =>
  passedMarks(standing, own, { nowMs: tenthOfNovember, usedUpAtMs }).map(markName)

test('a threshold is passed from its exact amount on', () => {
  assert.deepEqual(namesOf(standingOf(499, 1_000)), [])
  assert.deepEqual(namesOf(standingOf(500, 1_000)), ['0.5'])
  assert.deepEqual(namesOf(standingOf(800, 1_000)), ['0.5', '0.8'])
  assert.deepEqual(namesOf(standingOf(999, 1_000)), ['0.5', '0.8'])
  assert.deepEqual(namesOf(standingOf(1_000, 1_000)), ['0.5', '0.8', '1'])
})

test('a hard budget that refuses counts as used up, whatever cents are left', () => {
  const standing = standingOf(970, 1_000, { isRefusing: true })
  assert.deepEqual(namesOf(standing, tenthOfNovember + dayMs), ['0.5', '0.8', '1'])
  assert.deepEqual(namesOf(standing, undefined, { ...rules, thresholds: [1, 1.2] }), ['1'])
})

test('a limit of nothing is passed by the first amount that is spent, not before', () => {
  assert.deepEqual(namesOf(standingOf(0, 0)), [])
  assert.deepEqual(namesOf(standingOf(1, 0)), ['0.5', '0.8', '1'])
  assert.deepEqual([percentOf(standingOf(0, 0)), percentOf(standingOf(1, 0))], [0, 100])
})

test('the forecast is told when it is near, of the windows that are asked for', () => {
  const near = tenthOfNovember + 7 * dayMs
  assert.deepEqual(namesOf(standingOf(100, 1_000), near), ['forecast'])
  assert.deepEqual(namesOf(standingOf(100, 1_000), near + 1), [])
  assert.deepEqual(namesOf(standingOf(100, 1_000, { window: 'week' }), near), [])
  const off = { ...rules, forecast: { ...rules.forecast, isEnabled: false } }
  assert.deepEqual(namesOf(standingOf(100, 1_000), near, off), [])
})

test('ten days into a month, 40 of 100 dollars last another fifteen days', () => {
  const at = usedUpAt(standingOf(40e9, 100e9), tenthOfNovember, undefined)
  assert.equal(at, tenthOfNovember + 15 * dayMs)
  assert.equal(
    usedUpAt(standingOf(30e9, 100e9), tenthOfNovember, undefined),
    undefined,
    'December comes first',
  )
  assert.equal(usedUpAt(standingOf(100e9, 100e9), tenthOfNovember, undefined), undefined, 'nothing is left')
  assert.equal(usedUpAt(standingOf(0, 100e9), tenthOfNovember, undefined), undefined, 'nothing is spent')
})

test('the first hours of a month say nothing about its end', () => {
  const hour = Date.UTC(2026, 10, 1, 1)
  assert.equal(usedUpAt(standingOf(10e9, 100e9), hour, undefined), undefined)
  assert.ok(usedUpAt(standingOf(10e9, 100e9), Date.UTC(2026, 10, 2, 12), undefined))
})

test('a window without an end is measured from the first look, for an hour at least', () => {
  const standing = standingOf(60e9, 100e9, { window: 'total' })
  const first = { atMs: tenthOfNovember - 2 * dayMs, spentNanoUsd: 50e9 }
  assert.equal(usedUpAt(standing, tenthOfNovember, first), tenthOfNovember + 8 * dayMs)
  assert.equal(usedUpAt(standing, tenthOfNovember, undefined), undefined)
  const recent = { atMs: tenthOfNovember - 3_599_999, spentNanoUsd: 50e9 }
  assert.equal(usedUpAt(standing, tenthOfNovember, recent), undefined)
})

test('for any budget: what is passed grows with what is spent and shrinks with a higher limit', () => {
  const amounts = tuple(integer({ min: 0, max: 1e12 }), integer({ min: 0, max: 1e12 }))
  const thresholds = uniqueArray(double({ min: 0.01, max: 3, noNaN: true }), { maxLength: 6 })
  check(
    property(amounts, amounts, thresholds, ([spent, more], [limit, higher], stated) => {
      const own = { ...rules, thresholds: stated }
      const passed = namesOf(standingOf(spent, limit), undefined, own)
      const after = namesOf(standingOf(spent + more, limit), undefined, own)
      const raised = namesOf(standingOf(spent, limit + higher), undefined, own)
      assert.ok(passed.every((name) => after.includes(name)))
      assert.ok(raised.every((name) => passed.includes(name)))
    }),
  )
})

test('for any budget: the forecast lies ahead, before the next window, and sooner the more is spent', () => {
  const share = integer({ min: 1, max: 1_000_000 })
  check(
    property(share, share, integer({ min: 1, max: 29 * dayMs }), (spent, more, passedMs) => {
      const nowMs = Date.UTC(2026, 10) + passedMs
      const limit = 1_000_000
      const at = usedUpAt(standingOf(spent, limit), nowMs, undefined)
      if (at === undefined) return
      assert.ok(at > nowMs && at < Date.UTC(2026, 11))
      const sooner = usedUpAt(standingOf(Math.min(spent + more, limit - 1), limit), nowMs, undefined)
      assert.ok(spent === limit || (sooner !== undefined && sooner <= at))
    }),
  )
})
