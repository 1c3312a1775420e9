/**
 * Two budget managers over one ledger in Redis, with deaths, expiries, late settlements and changes of target by seed:
 * at no moment more is promised than the limits allow, and at rest every coin is accounted for.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Caller } from '#core/domain/caller.ts'
import { highestCost } from '#core/domain/model-card.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'
import type { BudgetManager, BudgetNeed, Reservation } from '#services/budget-manager/budget-manager.ts'
import { openRedis } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { assertMoney, checkMoney } from '#tests/money/ledger-check.ts'
import { readSharedBooks } from '#tests/money/money-books.ts'
import { rounds, tell } from '#tests/money/soak.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { openLedgerEnd } from '#tests/support/shared-ledger.ts'

const price: PriceVersion = {
  id: 'v1',
  validFromMs: 0,
  base: { input: 1_000_000_000, output: 4_000_000_000 },
  tiers: [],
}
const leaseMs = 60_000
const most = highestCost(price, 100, 1_000)
const limits = new Map([
  ['tenant:acme 2026-11', most * 4],
  ['user:acme/u0 2026-11', most * 2],
  ['provider:p1 2026-11', Math.floor(most * 1.5)],
])
const budgetLimits = [
  { scope: 'tenant', id: 'acme', window: 'month', limitNanoUsd: toNanoUsd(most * 4) },
  { scope: 'user', id: 'u0', window: 'month', limitNanoUsd: toNanoUsd(most * 2) },
  { scope: 'provider', id: 'p1', window: 'month', limitNanoUsd: toNanoUsd(Math.floor(most * 1.5)) },
] as const

const caller: Caller = { tenantId: 'acme', keyId: 'k', role: 'user', permissions: new Set(['inference']) }
const targets = ['p0', 'p1'].map(
  (name) => ({ provider: { name }, card: { name: 'm' }, model: 'm' }) as unknown as Target,
)

const who = { instance: fc.constantFrom(0, 1), call: fc.nat({ max: 7 }) }
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('reserve' as const), ...who }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('refit' as const), ...who }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('settle' as const), ...who, share: fc.nat({ max: 100 }) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('settle twice' as const), ...who }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('die' as const), ...who }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('expire' as const), ...who }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface Play {
  readonly managers: readonly BudgetManager[]
  readonly time: { nowMs: number }
  /** What each instance knows of; its own death forgets it. */
  readonly known: ReadonlyArray<Map<string, Reservation>>
  /** The last word on each hold: what was charged, or undefined while it is open. */
  readonly charged: Map<string, number | undefined>
  readonly amounts: Map<string, number>
  calls: number
}

const needOf = (requestId: string, call: number, target = call % 2): BudgetNeed => ({
  requestId,
  caller,
  userId: `u${call % 3}`,
  tags: [],
  target: targets[target] ?? assert.fail(),
  price,
  inputTokensBound: 100,
  outputTokensWished: 1_000,
  answerCount: 1,
  maxCostNanoUsd: undefined,
})

/** The reservation, or undefined when the budget refused. */
async function unlessRefused(held: Promise<Reservation> | Reservation): Promise<Reservation | undefined> {
  try {
    return await held
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === 'budget_exceeded') return undefined
    throw thrown
  }
}

async function take(play: Play, next: Step): Promise<void> {
  const manager = play.managers[next.instance] ?? assert.fail()
  const own = play.known[next.instance] ?? assert.fail()
  const id = [...own.keys()][next.call % Math.max(1, own.size)] ?? ''
  const held = own.get(id)
  const note = (given: Reservation | undefined) => {
    if (!given) return
    own.set(given.requestId, given)
    play.amounts.set(given.requestId, given.amount)
    play.charged.set(given.requestId, undefined)
  }
  if (next.does === 'reserve') {
    play.calls += 1
    const need = needOf(`c${play.calls}`, next.call)
    note(await unlessRefused(Promise.resolve().then(() => manager.reserve(need))))
  } else if (next.does === 'die') own.clear()
  else if (next.does === 'expire') {
    play.time.nowMs += leaseMs
    await manager.expire()
    for (const [open, charge] of play.charged) play.charged.set(open, charge ?? play.amounts.get(open))
  } else if (held && next.does === 'refit' && play.charged.get(id) === undefined) {
    note(await unlessRefused(Promise.resolve().then(() => manager.refit(held, needOf(id, next.call, 1)))))
  } else if (held && (next.does === 'settle' || next.does === 'settle twice')) {
    const spent = Math.floor((held.amount * ('share' in next ? next.share : 50)) / 100)
    const settle = async () => manager.settle(held, toNanoUsd(spent))
    await Promise.all(next.does === 'settle' ? [settle()] : [settle(), settle()])
    play.charged.set(id, spent)
    own.delete(id)
  }
}

const connect = (url: string) =>
  openRedis({ url, commandTimeoutMs: 5_000, connectTimeoutMs: 5_000 }, (failure) => {
    throw failure
  })

describe('two managers, one ledger', { skip: whyNoRedis() ?? false }, () => {
  let redis: RealRedis
  let connections: readonly RedisConnection[]
  before(async () => {
    redis = await startRedis()
    connections = await Promise.all([connect(redis.url), connect(redis.url)])
  })
  after(async () => {
    for (const connection of connections) await connection.close()
    await redis.stop()
  })

  async function runHistory(steps: readonly Step[], keyPrefix: string): Promise<number> {
    const time = { nowMs: Date.UTC(2026, 10, 10) }
    const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs }
    const settings = { defaultMonthlyLimitNanoUsd: undefined, limits: budgetLimits, holdLeaseMs: leaseMs }
    const ends = await Promise.all(connections.map((one) => openLedgerEnd(one, { keyPrefix, clock })))
    const managers = ends.map(({ ledger }) => createBudgetManager({ ledger, clock }, settings))
    const known = [new Map<string, Reservation>(), new Map<string, Reservation>()]
    const play: Play = { managers, time, known, charged: new Map(), amounts: new Map(), calls: 0 }
    for (const next of steps) {
      await take(play, next)
      const { findings } = checkMoney(await readSharedBooks(redis.url, keyPrefix, []), {
        limits,
        hasDied: true,
      })
      assert.deepEqual(
        findings.filter((finding) => !finding.includes('at rest')),
        [],
      )
    }
    await take(play, { does: 'expire', instance: 0, call: 0 })
    const books = await readSharedBooks(redis.url, keyPrefix, [])
    assertMoney(books, { limits, hasDied: true })
    const charged = [...play.charged.values()].reduce<number>((sum, amount) => sum + (amount ?? 0), 0)
    assert.equal(books.counters.find(({ scope }) => scope === 'tenant:acme')?.settled ?? 0, charged)
    for (const { close } of ends) await close()
    return play.calls
  }

  test('deaths, expiries and late words in any order: limits hold at each step, and at rest the sums are right', async () => {
    let histories = 0
    let calls = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        histories += 1
        calls += await runHistory(steps, `h${histories}`)
      }),
      { numRuns: rounds(60, 1_000) },
    )
    tell(`two managers: ${histories} histories, ${calls} calls`)
  })
})
