/** A ledger whose answers are lost: nothing is charged for what was never asked, and what was spent is charged once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller } from '#core/domain/caller.ts'
import { createLedgerBook } from '#core/domain/ledger-book.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'
import type { BudgetNeed } from '#services/budget-manager/budget-manager.ts'

const price: PriceVersion = { id: 'v1', validFromMs: 0, base: { input: 0, output: 1_000_000_000 }, tiers: [] }
const caller: Caller = { tenantId: 'acme', keyId: 'k', role: 'user', permissions: new Set(['inference']) }
const need = (requestId: string): BudgetNeed => ({
  requestId,
  caller,
  userId: 'ann',
  tags: [],
  target: { provider: { name: 'p' }, card: { name: 'm' }, model: 'm' } as unknown as Target,
  price,
  inputTokensBound: 0,
  outputTokensWished: 1_000,
  answerCount: 1,
  maxCostNanoUsd: undefined,
})
const leaseMs = 60_000

/** Does what it is told, and then loses the answer, or the step itself, as the test says. */
function openManager() {
  const book = createLedgerBook()
  const way = { loses: 'nothing' as 'nothing' | 'answers' | 'steps' }
  const time = { nowMs: Date.UTC(2026, 10, 22) }
  const through = <T>(step: () => T): Promise<T> => {
    const lost = () => Promise.reject(new Problem('store_unavailable'))
    if (way.loses === 'steps') return lost()
    const answer = step()
    return way.loses === 'answers' ? lost() : Promise.resolve(answer)
  }
  const manager = createBudgetManager(
    {
      ledger: {
        reserve: (ask) => through(() => book.reserve(ask)),
        extend: (ask) => through(() => book.extend(ask)),
        settle: (holdId, spent) => through(() => book.settle(holdId, spent)),
        balances: (counters) => counters.map(({ scope, window }) => book.balance(scope, window)),
        correct: book.correct,
        expire: (nowMs) => book.expire(nowMs).length,
      },
      clock: { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs },
    },
    { defaultMonthlyLimitNanoUsd: undefined, limits: [], holdLeaseMs: leaseMs },
  )
  const standing = () => {
    const { settled, reserved, estimated } = book.balance('tenant:acme', '2026-11')
    return [settled, reserved, estimated]
  }
  return { manager, way, time, standing, expireElsewhere: () => book.expire(time.nowMs) }
}

const unavailable = { code: 'store_unavailable' }

test('a hold of which nobody was told is given back, and never charged', async () => {
  for (const loses of ['answers', 'steps'] as const) {
    const { manager, way, time, standing } = openManager()
    way.loses = loses
    await assert.rejects(async () => manager.reserve(need('r1')), unavailable)
    way.loses = 'nothing'
    await manager.expire()
    time.nowMs += 2 * leaseMs
    await manager.expire()
    assert.deepEqual(standing(), [0, 0, 0])
  }
})

test('a settlement that was lost is charged once, whether or not it had arrived', async () => {
  for (const loses of ['answers', 'steps'] as const) {
    const { manager, way, time, standing } = openManager()
    const held = await manager.reserve(need('r1'))
    way.loses = loses
    await assert.rejects(async () => manager.settle(held, toNanoUsd(700)), unavailable)
    await assert.rejects(async () => manager.expire(), unavailable)
    way.loses = 'nothing'
    for (let look = 0; look < 5; look += 1) {
      await manager.expire()
      time.nowMs += leaseMs
    }
    assert.deepEqual(standing(), [700, 0, 0])
  }
})

test('a settlement that comes after the hold expired corrects what was charged in full', async () => {
  const { manager, way, time, standing, expireElsewhere } = openManager()
  const held = await manager.reserve(need('r1'))
  way.loses = 'steps'
  await assert.rejects(async () => manager.settle(held, toNanoUsd(700)))
  way.loses = 'nothing'
  time.nowMs += 2 * leaseMs
  expireElsewhere()
  assert.deepEqual(standing(), [held.amount, 0, held.amount])
  await manager.expire()
  assert.deepEqual(standing(), [700, 0, 0])
})
