/** What budgets stand at, as the budget manager tells it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller } from '#core/domain/caller.ts'
import { createLedgerBook } from '#core/domain/ledger-book.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd, usdToNano } from '#core/domain/money.ts'
import type { Target } from '#core/domain/target.ts'
import type { BudgetLimit } from '#services/budget-manager/budget-limits.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'

const price: PriceVersion = {
  id: 'v1',
  validFromMs: 0,
  base: { input: 1_000_000_000, output: 4_000_000_000 },
  tiers: [],
}
const leaseMs = 60_000

function open(limits: readonly BudgetLimit[]) {
  const book = createLedgerBook()
  const time = { nowMs: Date.UTC(2026, 10, 22, 5, 30) }
  const asked: number[] = []
  const budget = createBudgetManager(
    {
      ledger: {
        reserve: (ask) => book.reserve(ask),
        extend: (ask) => book.extend(ask),
        settle: (holdId, spent) => book.settle(holdId, spent),
        balances(counters) {
          asked.push(counters.length)
          return counters.map(({ scope, window }) => book.balance(scope, window))
        },
        correct: book.correct,
        expire: (nowMs) => book.expire(nowMs).length,
      },
      clock: { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs },
    },
    { defaultMonthlyLimitNanoUsd: undefined, limits, holdLeaseMs: leaseMs },
  )
  let requests = 0
  const caller: Caller = {
    tenantId: 'acme',
    keyId: 'k1',
    role: 'user',
    permissions: new Set(['inference']),
  }
  const reserve = (userId: string) =>
    budget.reserve({
      requestId: `r${(requests += 1)}`,
      caller,
      userId,
      tags: [],
      target: { provider: { name: 'p' }, card: { name: 'm' }, model: 'm' } as unknown as Target,
      price,
      inputTokensBound: 100,
      outputTokensWished: 1_000,
      answerCount: 1,
      maxCostNanoUsd: undefined,
    })
  const spend = async (userId: string, usd: string) => {
    await budget.settle(await reserve(userId), usdToNano(usd))
  }
  const standings = async () =>
    (await budget.standings())
      .map(({ counter, spentNanoUsd, limitNanoUsd }) => [counter, spentNanoUsd, limitNanoUsd] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { budget, spend, reserve, standings, time, asked }
}

const dollar = usdToNano(1)

test('budgets with a name stand there before anybody asks; those of each one from the first request on', async () => {
  const { spend, standings, asked } = open([
    { scope: 'everyone', window: 'day', limitNanoUsd: dollar },
    { scope: 'tenant', id: 'acme', window: 'month', limitNanoUsd: dollar },
    { scope: 'user', id: 'bob', tenantId: 'acme', window: 'month', limitNanoUsd: dollar },
    { scope: 'user', window: 'month', limitNanoUsd: toNanoUsd(dollar * 2) },
  ])
  assert.deepEqual(await standings(), [
    ['everyone', 0, dollar],
    ['tenant:acme', 0, dollar],
    ['user:acme/bob', 0, dollar],
  ])
  await spend('ann', '0.25')
  assert.deepEqual(await standings(), [
    ['everyone', usdToNano('0.25'), dollar],
    ['tenant:acme', usdToNano('0.25'), dollar],
    ['user:acme/ann', usdToNano('0.25'), toNanoUsd(dollar * 2)],
    ['user:acme/bob', 0, dollar],
  ])
  assert.deepEqual(asked, [3, 4], 'the balances are read in one step')
})

test('whom nothing was counted for since longer than a hold can last is left out', async () => {
  const { spend, standings, time } = open([{ scope: 'user', window: 'month', limitNanoUsd: dollar }])
  await spend('ann', '0.1')
  time.nowMs += leaseMs + 30_000
  await spend('bob', '0.1')
  assert.equal((await standings()).length, 2)
  time.nowMs += leaseMs
  assert.deepEqual(
    (await standings()).map(([counter]) => counter),
    ['user:acme/bob'],
  )
})

test('a limit set later, soft or hard, is what the standing tells', async () => {
  const { budget, spend } = open([{ scope: 'user', window: 'month', limitNanoUsd: dollar }])
  await spend('ann', '0.1')
  const limits = [{ scope: 'user', window: 'month', limitNanoUsd: usdToNano(5), isHard: false }] as const
  budget.apply({ defaultMonthlyLimitNanoUsd: undefined, limits, holdLeaseMs: leaseMs })
  const [standing] = await budget.standings()
  assert.deepEqual(standing, {
    scope: 'user',
    subject: 'ann',
    tenantId: 'acme',
    counter: 'user:acme/ann',
    window: 'month',
    span: {
      id: '2026-11',
      startsAtMs: Date.UTC(2026, 10),
      endsAtMs: Date.UTC(2026, 11),
      resetsAtMs: Date.UTC(2026, 11),
    },
    limitNanoUsd: usdToNano(5),
    isHard: false,
    spentNanoUsd: usdToNano('0.1'),
    heldNanoUsd: 0,
    isRefusing: false,
  })
})

test('a hard budget that cannot pay for another answer says so, until its next window', async () => {
  const { budget, spend, reserve, time } = open([
    { scope: 'tenant', id: 'acme', window: 'hour', limitNanoUsd: usdToNano('0.0042') },
  ])
  const isRefusing = async () => (await budget.standings())[0]?.isRefusing
  const held = await reserve('ann')
  await assert.rejects(async () => reserve('ann'), { code: 'budget_exceeded' })
  assert.equal(await isRefusing(), false, 'what is held by a running request may come back')
  await budget.settle(held, usdToNano('0.0041'))
  await assert.rejects(async () => reserve('ann'), { code: 'budget_exceeded' })
  assert.equal(await isRefusing(), true)
  time.nowMs += 3_600_000
  assert.equal(await isRefusing(), false)
  await spend('ann', '0.001')
})

test('more callers than can be watched push out the first, and nothing grows', async () => {
  const { spend, standings } = open([{ scope: 'user', window: 'month', limitNanoUsd: dollar }])
  for (let user = 0; user <= 10_000; user += 1) await spend(`u${user}`, '0.000001')
  const counters = (await standings()).map(([counter]) => counter)
  assert.equal(counters.length, 10_000)
  assert.ok(!counters.includes('user:acme/u0') && counters.includes('user:acme/u10000'))
})
