/** The budget manager over a ledger in memory of its own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asyncProperty, assert as check, integer, record } from 'fast-check'
import type { Caller } from '#core/domain/caller.ts'
import { createLedgerBook } from '#core/domain/ledger-book.ts'
import { costOfUsage, highestCost } from '#core/domain/model-card.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd, usdToNano } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'
import type { BudgetNeed, BudgetSettings } from '#services/budget-manager/budget-manager.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'

const price: PriceVersion = {
  id: 'v1',
  validFromMs: 0,
  base: { input: 1_000_000_000, output: 4_000_000_000 },
  tiers: [],
}
const caller: Caller = { tenantId: 'acme', keyId: 'k1', role: 'user', permissions: new Set(['inference']) }
const targetOf = (provider: string, model: string) =>
  ({ provider: { name: provider }, card: { name: model }, model }) as unknown as Target

/** The most that 100 tokens in and so many out can cost. */
const most = (outputTokens: number) => highestCost(price, 100, outputTokens)

const needOf = (requestId: string, more: Partial<BudgetNeed> = {}): BudgetNeed => ({
  requestId,
  caller,
  userId: 'ann',
  tags: [],
  target: targetOf('openai', 'gpt-4o'),
  price,
  inputTokensBound: 100,
  outputTokensWished: 1_000,
  answerCount: 1,
  maxCostNanoUsd: undefined,
  ...more,
})

function open(settings: Partial<BudgetSettings> = {}) {
  const book = createLedgerBook()
  const ledger: Ledger = {
    reserve: (ask) => book.reserve(ask),
    extend: (ask) => book.extend(ask),
    settle: (holdId, spent) => book.settle(holdId, spent),
    balances: (counters) => counters.map(({ scope, window }) => book.balance(scope, window)),
    correct: book.correct,
    expire: (nowMs) => book.expire(nowMs).length,
  }
  const time = { nowMs: Date.UTC(2026, 10, 22, 5, 30) }
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs }
  const defaults = { defaultMonthlyLimitNanoUsd: undefined, limits: [], holdLeaseMs: 60_000 }
  const budget = createBudgetManager({ ledger, clock }, { ...defaults, ...settings })
  const spent = async (scope: 'user' | 'tenant' | 'key', id: string) => {
    const { settled, reserved } = await budget.spent({ scope, tenantId: 'acme', id, window: 'month' })
    return [settled, reserved]
  }
  return { budget, spent, time }
}

const problemOf = async (work: () => unknown): Promise<Problem> => {
  try {
    await work()
  } catch (thrown) {
    assert.ok(thrown instanceof Problem, String(thrown))
    return thrown
  }
  return assert.fail('nothing was thrown')
}

test('the most that a request can cost is held, and only what it did cost is charged', async () => {
  const { budget, spent } = open()
  const held = await budget.reserve(needOf('r1'))
  assert.equal(held.amount, most(1_000))
  assert.equal(held.outputTokensCap, 1_000)
  assert.deepEqual(await spent('user', 'ann'), [0, most(1_000)])
  await budget.settle(held, toNanoUsd(500_000))
  await budget.settle(held, toNanoUsd(500_000))
  for (const [scope, id] of [
    ['user', 'ann'],
    ['tenant', 'acme'],
    ['key', 'k1'],
  ] as const) {
    assert.deepEqual(await spent(scope, id), [500_000, 0])
  }
})

test('when little is left the answer is capped at what is left', async () => {
  const { budget } = open({ defaultMonthlyLimitNanoUsd: most(200) })
  const held = await budget.reserve(needOf('r1'))
  assert.equal(held.outputTokensCap, 200)
})

test('too little left is refused with scope, limit, spent and reset', async () => {
  const { budget } = open({ defaultMonthlyLimitNanoUsd: usdToNano('0.001') })
  await budget.settle(await budget.reserve(needOf('r1')), toNanoUsd(900_000))
  const problem = await problemOf(() => budget.reserve(needOf('r2')))
  assert.equal(problem.code, 'budget_exceeded')
  assert.equal(problem.status, 402)
  assert.deepEqual(problem.details.facts, {
    scope: 'user:acme/ann',
    window: '2026-11',
    limit_usd: '0.001',
    spent_usd: '0.0009',
    held_usd: '0',
    needed_usd: '0.000356009',
    resets_at: '2026-12-01T00:00:00.000Z',
  })
  assert.equal(budget.counts().refused, 1)
})

test('a short wish is served when less than the least answer is left', async () => {
  const { budget } = open({ defaultMonthlyLimitNanoUsd: most(10) })
  const held = await budget.reserve(needOf('r1', { outputTokensWished: 10 }))
  assert.equal(held.outputTokensCap, 10)
})

test('a new month begins with nothing spent', async () => {
  const { budget, spent, time } = open({ defaultMonthlyLimitNanoUsd: most(1_000) })
  const late = await budget.reserve(needOf('r1'))
  time.nowMs = Date.UTC(2026, 11, 1)
  await budget.reserve(needOf('r2'))
  await budget.settle(late, toNanoUsd(4_000_000))
  assert.deepEqual(await spent('user', 'ann'), [0, most(1_000)])
})

test('what a request allows itself caps the answer, and refuses when it buys too little', async () => {
  const { budget } = open()
  const held = await budget.reserve(needOf('r1', { maxCostNanoUsd: most(300) }))
  assert.equal(held.outputTokensCap, 300)
  const problem = await problemOf(() => budget.reserve(needOf('r2', { maxCostNanoUsd: toNanoUsd(200_000) })))
  assert.equal(problem.code, 'request_cost_exceeded')
})

test('several answers are held for each at its full length', async () => {
  const { budget } = open()
  const held = await budget.reserve(needOf('r1', { answerCount: 3 }))
  assert.equal(held.amount, 3 * most(1_000))
  assert.equal(held.outputTokensCap, 1_000)
})

test('another target takes over the hold; a refusal leaves the old one standing', async () => {
  const { budget, spent } = open({
    limits: [{ scope: 'provider', id: 'dear', window: 'day', limitNanoUsd: toNanoUsd(1_000) }],
  })
  const held = await budget.reserve(needOf('r1'))
  const dear = needOf('r1', { target: targetOf('dear', 'big') })
  assert.equal((await problemOf(() => budget.refit(held, dear))).details.facts?.['scope'], 'provider:dear')
  assert.deepEqual(await spent('user', 'ann'), [0, most(1_000)])
  const other = await budget.refit(
    held,
    needOf('r1', { target: targetOf('other', 'big'), outputTokensWished: 2_000 }),
  )
  assert.deepEqual(
    [other.target.provider.name, other.outputTokensCap, other.amount],
    ['other', 2_000, most(2_000)],
  )
  assert.deepEqual(await spent('user', 'ann'), [0, most(2_000)])
})

test('a limit by name replaces the one for each, and a soft limit counts without refusing', async () => {
  const { budget } = open({
    defaultMonthlyLimitNanoUsd: toNanoUsd(1),
    limits: [
      { scope: 'user', id: 'ann', window: 'month', limitNanoUsd: usdToNano(5) },
      { scope: 'tenant', window: 'hour', limitNanoUsd: toNanoUsd(1), isHard: false },
    ],
  })
  await budget.reserve(needOf('r1'))
  assert.equal(
    (await problemOf(() => budget.reserve(needOf('r2', { userId: 'bob' })))).code,
    'budget_exceeded',
  )
})

test('leaving the user out is no way around the limit for each user', async () => {
  const { budget } = open({ defaultMonthlyLimitNanoUsd: toNanoUsd(1) })
  assert.equal(
    (await problemOf(() => budget.reserve(needOf('r1', { userId: undefined })))).code,
    'budget_exceeded',
  )
})

test('the same user name in two tenants is two budgets', async () => {
  const { budget } = open({ defaultMonthlyLimitNanoUsd: most(1_000) })
  await budget.reserve(needOf('r1'))
  await budget.reserve(needOf('r2', { caller: { ...caller, tenantId: 'other' } }))
})

test('new settings hold for what comes after', async () => {
  const { budget } = open()
  await budget.reserve(needOf('r1'))
  budget.apply({ defaultMonthlyLimitNanoUsd: toNanoUsd(10), limits: [], holdLeaseMs: 60_000 })
  assert.equal((await problemOf(() => budget.reserve(needOf('r2')))).code, 'budget_exceeded')
})

test('a hold that nobody settles is charged in full after its lease, and charges beyond a hold are counted', async () => {
  const { budget, spent, time } = open()
  await budget.reserve(needOf('r1'))
  time.nowMs += 60_000
  await budget.expire()
  assert.deepEqual(await spent('user', 'ann'), [most(1_000), 0])
  const held = await budget.reserve(needOf('r2', { outputTokensWished: 10 }))
  await budget.settle(held, toNanoUsd(held.amount + 7))
  assert.deepEqual(budget.counts(), { refused: 0, overUses: 1, overUseNanoUsd: 7, expired: 1 })
})

test('an answer within its cap never costs more than its hold, whatever is left', async () => {
  const amounts = record({
    limit: integer({ min: 1, max: 20_000_000 }),
    input: integer({ min: 0, max: 2_000 }),
    wished: integer({ min: 1, max: 4_000 }),
    answers: integer({ min: 1, max: 4 }),
  })
  await check(
    asyncProperty(amounts, async ({ limit, input, wished, answers }) => {
      const { budget } = open({ defaultMonthlyLimitNanoUsd: toNanoUsd(limit) })
      const need = needOf('r1', { inputTokensBound: input, outputTokensWished: wished, answerCount: answers })
      const held = await Promise.resolve()
        .then(() => budget.reserve(need))
        .catch((thrown: unknown) => {
          assert.ok(thrown instanceof Problem && thrown.code === 'budget_exceeded')
        })
      if (!held) return
      assert.ok(held.outputTokensCap >= Math.min(64, wished))
      const usage = { ...unknownUsage, inputTokens: input, outputTokens: held.outputTokensCap * answers }
      assert.ok(costOfUsage(price, usage) <= held.amount && held.amount <= limit)
    }),
  )
})
