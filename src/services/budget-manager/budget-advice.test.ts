/** What budgets advise before they refuse. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Caller } from '#core/domain/caller.ts'
import type { DegradeStep } from '#core/domain/degrade-step.ts'
import { createLedgerBook } from '#core/domain/ledger-book.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { BudgetLimit } from '#services/budget-manager/budget-limits.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'

const price: PriceVersion = { id: 'v1', validFromMs: 0, base: { input: 0, output: 1_000_000 }, tiers: [] }
const caller: Caller = { tenantId: 'acme', keyId: 'k', role: 'user', permissions: new Set(['inference']) }
const target = { provider: { name: 'p' }, card: { name: 'm' }, model: 'm' } as unknown as Target
const dayMs = 86_400_000
const midnightMs = Date.UTC(2026, 10, 22)

function open(limits: readonly BudgetLimit[], atMs = midnightMs) {
  const book = createLedgerBook()
  const time = { nowMs: atMs, isAway: false }
  let looks = 0
  const ledger = {
    reserve: book.reserve,
    extend: book.extend,
    settle: book.settle,
    balances(counters: ReadonlyArray<{ readonly scope: string; readonly window: string }>) {
      looks += 1
      if (time.isAway) return Promise.reject(new Problem('store_unavailable'))
      return counters.map(({ scope, window }) => book.balance(scope, window))
    },
    correct: book.correct,
    expire: (nowMs: number) => book.expire(nowMs).length,
  }
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs }
  const settings = { defaultMonthlyLimitNanoUsd: undefined, limits, holdLeaseMs: 10 * dayMs }
  const manager = createBudgetManager({ ledger, clock }, settings)
  let requests = 0
  /** A token costs one nano-dollar. */
  const hold = async (tokens: number) =>
    manager.reserve({
      requestId: `r${(requests += 1)}`,
      caller,
      userId: 'ann',
      tags: [],
      target,
      price,
      inputTokensBound: 0,
      outputTokensWished: tokens,
      answerCount: 1,
      maxCostNanoUsd: undefined,
    })
  const advise = (userId: string | undefined = 'ann') => manager.advise({ caller, userId, tags: [] })
  return { time, hold, advise, manager, looks: () => looks }
}

const step = (fromPercent: number, action: DegradeStep['action'], more: Partial<DegradeStep> = {}) => ({
  fromPercent,
  action,
  models: [],
  outputTokens: undefined,
  ...more,
})
const limitOf = (degrade: readonly DegradeStep[], more: Partial<BudgetLimit> = {}): BudgetLimit => ({
  scope: 'user',
  window: 'day',
  limitNanoUsd: toNanoUsd(1_000),
  degrade,
  ...more,
})

test('without a step anywhere nothing is read and nothing waited for', () => {
  const { advise, looks } = open([limitOf([])])
  assert.equal(advise(), undefined)
  assert.equal(looks(), 0)
})

test('each step begins at its share of the limit, what is held counting like what is spent', async () => {
  const degrade = [
    step(50, 'lower_output_cap', { outputTokens: 500 }),
    step(80, 'lower_output_cap', { outputTokens: 100 }),
    step(80, 'cheaper_models', { models: ['small'] }),
  ]
  const { hold, advise, manager } = open([limitOf(degrade)])
  assert.equal(await advise(), undefined)
  const first = await hold(400)
  assert.equal(await advise(), undefined)
  const second = await hold(110)
  assert.deepEqual(await advise(), { cheaperModels: undefined, outputTokensMax: 500 })
  await hold(300)
  assert.deepEqual(await advise(), { cheaperModels: ['small'], outputTokensMax: 100 })
  await manager.settle(first, toNanoUsd(0))
  assert.equal(await advise(), undefined)
  await manager.settle(second, toNanoUsd(200))
  assert.equal((await advise())?.outputTokensMax, 500)
  assert.equal(await advise('bob'), undefined, "another's budget is another's")
})

test('a limit by name takes the place of the steps for each, and a soft limit has steps too', async () => {
  const lower = step(0, 'lower_output_cap', { outputTokens: 64 })
  const { advise } = open([limitOf([lower]), limitOf([], { id: 'ann' })])
  assert.equal(await advise('ann'), undefined)
  assert.equal((await advise('bob'))?.outputTokensMax, 64)
  const soft = open([limitOf([lower], { isHard: false })])
  assert.equal((await soft.advise())?.outputTokensMax, 64)
})

test('a budget that is used up is refused, not paced', async () => {
  const { hold, advise } = open([limitOf([step(0, 'pace')])])
  await hold(1_000)
  assert.equal(await advise(), undefined)
  await assert.rejects(hold(100), { code: 'budget_exceeded' })
})

test('paced spending is never ahead of its window by more than one request, and the told wait is enough', async () => {
  const asks = fc.record({ tokens: fc.integer({ min: 1, max: 200 }), waitMs: fc.nat({ max: dayMs / 20 }) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(asks, { maxLength: 60 }),
      fc.constantFrom(0, 30, 60),
      async (all, fromPercent) => {
        const { time, hold, advise } = open([limitOf([step(fromPercent, 'pace')])])
        let used = 0
        for (const { tokens, waitMs } of all) {
          time.nowMs += waitMs
          if (time.nowMs >= midnightMs + dayMs) return
          const due = (1_000 * (time.nowMs - midnightMs)) / dayMs
          try {
            assert.equal(await advise(), undefined)
          } catch (thrown) {
            assert.ok(thrown instanceof Problem && thrown.code === 'budget_paced', String(thrown))
            assert.ok(used > due && used >= fromPercent * 10)
            time.nowMs += thrown.details.retryAfterMs ?? assert.fail('it names no wait')
            if (time.nowMs < midnightMs + dayMs) assert.equal(await advise(), undefined)
            continue
          }
          assert.ok(used <= due || used < fromPercent * 10 || used >= 1_000, `${used} of ${due} due`)
          try {
            used += (await hold(tokens)).amount
          } catch (thrown) {
            assert.ok(thrown instanceof Problem && thrown.code === 'budget_exceeded')
          }
        }
      },
    ),
    { numRuns: 100 },
  )
})

test('a ledger that is away advises nothing, and is left alone for a second', async () => {
  const limit = { scope: 'tenant' as const, window: 'day' as const, limitNanoUsd: toNanoUsd(1_000) }
  const { time, hold, advise, looks } = open([
    { ...limit, degrade: [step(10, 'lower_output_cap', { outputTokens: 5 })] },
  ])
  await hold(500)
  assert.ok(await advise())
  time.isAway = true
  assert.equal(await advise(), undefined)
  assert.equal(await advise(), undefined)
  assert.equal(looks(), 2)
  time.isAway = false
  time.nowMs += 1_000
  assert.ok(await advise())
})
