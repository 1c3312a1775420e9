/** What is told of budgets over time, by one instance or several: everything once, nothing twice. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, asyncProperty, assert as check, constantFrom, integer, oneof, record } from 'fast-check'
import type { Claim } from '#services/alerts/alert-book.ts'
import { openInstance, quietSettings, town } from './alert-stage.ts'
import type { Budget, Instance, Town } from './alert-stage.ts'

const dayMs = 86_400_000

test('each threshold is told once in a window, and again in the next', async () => {
  const place = town()
  const { alerts, told } = openInstance(place)
  const [budget] = place.budgets
  assert.ok(budget)
  for (const spent of [0.49e9, 0.5e9, 0.6e9, 0.79e9, 0.85e9, 0.9e9, 1e9, 1.1e9]) {
    budget.spent = spent
    await alerts.tick()
    await alerts.tick()
  }
  assert.deepEqual(told, ['0.5 tenant:acme 2026-11', '0.8 tenant:acme 2026-11', '1 tenant:acme 2026-11'])
  place.nowMs = Date.UTC(2026, 11, 1)
  budget.spent = 0
  await alerts.tick()
  budget.spent = 0.5e9
  await alerts.tick()
  assert.deepEqual(told.slice(3), ['0.5 tenant:acme 2026-12'])
})

test('a raised limit arms again: one alert says where the budget stands, the rest come when they are passed', async () => {
  const place = town()
  const { alerts, told } = openInstance(place)
  const [budget] = place.budgets
  assert.ok(budget)
  budget.spent = 1e9
  await alerts.tick()
  assert.equal(told.splice(0).length, 3)
  budget.limit = 1.1e9
  await alerts.tick()
  assert.deepEqual(told.splice(0), ['0.8 tenant:acme 2026-11'])
  budget.spent = 1.1e9
  await alerts.tick()
  assert.deepEqual(told.splice(0), ['1 tenant:acme 2026-11'])
  budget.limit = 4e9
  await alerts.tick()
  assert.deepEqual(told, [])
  budget.spent = 2e9
  await alerts.tick()
  assert.deepEqual(told.splice(0), ['0.5 tenant:acme 2026-11'])
  budget.limit = 3e9
  await alerts.tick()
  assert.deepEqual(told, [], 'a lowered limit tells nothing that was told')
})

test('a forecast is told once, when the run rate brings the last dollar near', async () => {
  const place = town({ nowMs: Date.UTC(2026, 10, 4) })
  const forecast = { isEnabled: true, daysAhead: 7, windows: ['month'] as const }
  const { alerts, told } = openInstance(place, { rules: { thresholds: [0.5], forecast } })
  const [budget] = place.budgets
  assert.ok(budget)
  budget.spent = 0.1e9
  await alerts.tick()
  assert.deepEqual(told, [], 'three days in, a tenth is spent: it ends in December')
  place.nowMs += dayMs
  budget.spent = 0.4e9
  await alerts.tick()
  assert.deepEqual(told, ['forecast tenant:acme 2026-11'], 'four days in, four tenths: six days are left')
  place.nowMs += dayMs
  await alerts.tick()
  assert.equal(told.length, 1)
})

test('a restart tells nothing again, and alerts that are switched off tell nothing', async () => {
  const place = town()
  place.budgets[0] = { counter: 'tenant:acme', tenantId: 'acme', window: 'total', spent: 0.6e9, limit: 1e9 }
  const first = openInstance(place)
  await first.alerts.tick()
  const second = openInstance(place)
  await second.alerts.tick()
  assert.deepEqual([first.told.length, second.told.length], [1, 0])
  const off = openInstance(town({ budgets: place.budgets }), { isEnabled: false })
  await off.alerts.tick()
  assert.deepEqual(off.told, [])
  off.alerts.apply(quietSettings)
  await off.alerts.tick()
  assert.equal(off.told.length, 1)
})

test('a book that is away loses nothing: the claim is made when it is back', async () => {
  const place = town()
  const [budget] = place.budgets
  assert.ok(budget)
  budget.spent = 0.5e9
  let isAway = true
  const book = {
    ...place.book,
    claim: (wish: Claim) => {
      if (isAway) throw new Error('away')
      return place.book.claim(wish)
    },
  }
  const { alerts, told } = openInstance(place, {}, { book })
  await assert.rejects(alerts.tick(), /away/)
  isAway = false
  await alerts.tick()
  assert.deepEqual(told, ['0.5 tenant:acme 2026-11'])
})

type Step =
  | { readonly kind: 'spend'; readonly amount: number }
  | { readonly kind: 'limit'; readonly amount: number }
  | { readonly kind: 'look'; readonly instance: number }
  | { readonly kind: 'wait'; readonly hours: number }

const amount = integer({ min: 0, max: 400 })
const steps = array(
  oneof(
    record({ kind: constantFrom('spend' as const), amount }),
    record({ kind: constantFrom('limit' as const), amount: integer({ min: 1, max: 1_000 }) }),
    record({ kind: constantFrom('look' as const), instance: integer({ min: 0, max: 2 }) }),
    record({ kind: constantFrom('look' as const), instance: integer({ min: 0, max: 2 }) }),
    record({ kind: constantFrom('wait' as const), hours: integer({ min: 1, max: 20 }) }),
  ),
  { maxLength: 40 },
)

test('whatever is spent, set and looked at by three instances: nothing twice for one limit, nothing forgotten, nothing too early', async () => {
  await check(
    asyncProperty(steps, async (course) => {
      const place = town({
        budgets: [{ counter: 'tenant:acme', tenantId: 'acme', window: 'day', spent: 0, limit: 500 }],
      })
      const fleet = [openInstance(place), openInstance(place), openInstance(place)]
      await follow(course, place, fleet)
    }),
    { numRuns: 150 },
  )
})

/** The highest limit at which each mark was told or silently claimed in each window. */
type Claimed = Map<string, number>

async function follow(course: readonly Step[], place: Town, fleet: readonly Instance[]): Promise<void> {
  const claimed: Claimed = new Map()
  for (const step of course) {
    const budget = budgetOf(place)
    if (step.kind === 'spend') budget.spent += step.amount
    else if (step.kind === 'limit') budget.limit = step.amount
    else if (step.kind === 'wait') wait(place, step.hours)
    else {
      await fleet[step.instance]?.alerts.tick()
      assert.deepEqual(
        fleet.flatMap((one) => one.told.splice(0)),
        expectedOf(place, claimed),
      )
    }
  }
}

function budgetOf({ budgets: [budget] }: Town): Budget {
  assert.ok(budget)
  return budget
}

function wait(place: Town, hours: number): void {
  const before = Math.floor(place.nowMs / dayMs)
  place.nowMs += hours * 3_600_000
  if (Math.floor(place.nowMs / dayMs) !== before) budgetOf(place).spent = 0
}

function expectedOf(place: Town, claimed: Claimed): string[] {
  const { limit, spent } = budgetOf(place)
  const passed = [0.5, 0.8, 1].filter((share) => spent > 0 && spent >= share * limit)
  const window = new Date(place.nowMs).toISOString().slice(0, 10)
  const due = passed.filter((share) => (claimed.get(`${share} ${window}`) ?? 0) < limit)
  const told = due.filter((share) => !claimed.has(`${share} ${window}`) || share === passed.at(-1))
  for (const share of due) claimed.set(`${share} ${window}`, limit)
  return told.map((share) => `${share} tenant:acme ${window}`)
}
