/**
 * Rolling windows over every ledger, with a clock that the test moves: in no stretch of a window's length, wherever it
 * begins, more is held and charged than the limit, and a refusal names a moment at which the request would pass.
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
import type { Ledger } from '#services/budget-manager/ledger.ts'
import { createMemoryLedger } from '#stores/memory/ledger.ts'
import { openRedis } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'
import { rounds } from '#tests/money/soak.ts'
import { clockAt, openLedgerEnd } from '#tests/support/shared-ledger.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'

const price: PriceVersion = { id: 'v1', validFromMs: 0, base: { input: 0, output: 1_000_000_000 }, tiers: [] }
const caller: Caller = { tenantId: 'acme', keyId: 'k', role: 'user', permissions: new Set(['inference']) }
const target = { provider: { name: 'p' }, card: { name: 'm' }, model: 'm' } as unknown as Target
const hourMs = 3_600_000
const windows = [
  ['rolling-hour', hourMs, hourMs / 12],
  ['rolling-day', 24 * hourMs, hourMs],
  ['rolling-week', 168 * hourMs, 6 * hourMs],
  ['rolling-month', 720 * hourMs, 24 * hourMs],
] as const
const most = highestCost(price, 0, 1_000)
const limit = toNanoUsd(Math.floor(most * 3.5))
const leaseMs = 10 * 60_000

const needOf = (requestId: string, outputTokensWished: number): BudgetNeed => ({
  requestId,
  caller,
  userId: 'ann',
  tags: [],
  target,
  price,
  inputTokensBound: 0,
  outputTokensWished,
  answerCount: 1,
  maxCostNanoUsd: undefined,
})

/** `part` is how far the clock moves, in parts of a hundredth of the window. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('reserve' as const),
      tokens: fc.integer({ min: 1, max: 1_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('refit' as const), call: fc.nat({ max: 20 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('settle' as const),
      call: fc.nat({ max: 20 }),
      share: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 3 })),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('wait' as const), hundredths: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 3, arbitrary: fc.constant({ does: 'wait until told' as const }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface Paid {
  atMs: number
  amount: number
  open: Reservation | undefined
}

interface Play {
  readonly manager: BudgetManager
  readonly time: { nowMs: number }
  readonly lengthMs: number
  readonly paid: Paid[]
  /** The last refusal: what was asked for, and when it was told to pass. */
  refused: { readonly tokens: number; readonly atMs: number } | undefined
  requests: number
}

async function reserve(play: Play, tokens: number): Promise<void> {
  const { manager, time, paid } = play
  try {
    const open = await manager.reserve(needOf(`r${(play.requests += 1)}`, tokens))
    paid.push({ atMs: time.nowMs, amount: open.amount, open })
  } catch (thrown) {
    assert.ok(thrown instanceof Problem && thrown.code === 'budget_exceeded', String(thrown))
    const told = thrown.details.facts?.['resets_at']
    assert.ok(typeof told === 'string')
    assert.match(thrown.message, /rolling-\w+ is \$.* Enough of it is free again at /)
    play.refused = { tokens, atMs: Date.parse(told) }
    assert.ok(play.refused.atMs > time.nowMs, told)
  }
}

async function take(play: Play, next: Step): Promise<void> {
  const { manager, time, paid, lengthMs } = play
  if (next.does === 'reserve') return reserve(play, next.tokens)
  if (next.does === 'wait') {
    time.nowMs += Math.ceil((lengthMs / 100) * next.hundredths)
    await manager.expire()
    // Who never reported back has been charged in full.
    for (const one of paid) if (one.open && one.atMs + leaseMs <= time.nowMs) one.open = undefined
    return undefined
  }
  if (next.does === 'wait until told') return waitUntilTold(play)
  const one = paid[next.call % Math.max(1, paid.length)]
  if (!one?.open) return undefined
  if (next.does === 'settle') {
    const spent = Math.floor((one.amount * next.share) / 100)
    await manager.settle(one.open, toNanoUsd(spent))
    Object.assign(one, { amount: spent, open: undefined })
    return undefined
  }
  try {
    one.open = await manager.refit(one.open, needOf(one.open.requestId, 1_000))
    Object.assign(one, { amount: one.open.amount, atMs: time.nowMs })
  } catch (thrown) {
    assert.ok(thrown instanceof Problem && thrown.code === 'budget_exceeded', String(thrown))
  }
  return undefined
}

async function waitUntilTold(play: Play): Promise<void> {
  const { refused, time } = play
  if (!refused || refused.atMs <= time.nowMs) return
  time.nowMs = refused.atMs
  play.refused = undefined
  const before = play.paid.length
  await reserve(play, refused.tokens)
  assert.equal(play.paid.length, before + 1, 'the moment that a refusal names lets the request pass')
}

function assertNeverMore({ paid, time, lengthMs }: Play): void {
  const within = paid.filter(({ atMs }) => atMs > time.nowMs - lengthMs)
  const sum = within.reduce((total, { amount }) => total + amount, 0)
  assert.ok(sum <= limit, `${sum} of ${limit} within one window`)
}

type Opening = { ledger: Ledger; close: () => void | Promise<void> }

function playOver(open: () => Opening | Promise<Opening>, runs: number) {
  for (const [window, lengthMs, partMs] of windows) {
    test(`in no ${window}, wherever it begins, more is spent than its limit`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 10, maxLength: 40 }),
          fc.nat({ max: 1e9 }),
          async (steps, startMs) => {
            const { ledger, close } = await open()
            const time = { nowMs: Date.UTC(2026, 10, 1) + startMs }
            const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs }
            const limits = [{ scope: 'user', window, limitNanoUsd: limit }] as const
            const settings = { defaultMonthlyLimitNanoUsd: undefined, limits, holdLeaseMs: leaseMs }
            const manager = createBudgetManager({ ledger, clock }, settings)
            const play: Play = { manager, time, lengthMs, paid: [], refused: undefined, requests: 0 }
            try {
              for (const next of steps) {
                await take(play, next)
                assertNeverMore(play)
              }
              const [standing] = await manager.standings()
              const stands = (standing?.spentNanoUsd ?? 0) + (standing?.heldNanoUsd ?? 0)
              assert.ok(standing === undefined || stands <= limit)
              time.nowMs += lengthMs + partMs
              assert.equal(
                (await manager.reserve(needOf('last', 3_000))).amount,
                highestCost(price, 0, 3_000),
              )
            } finally {
              await close()
            }
          },
        ),
        { numRuns: runs },
      )
    })
  }
}

describe('rolling windows in memory', () => {
  playOver(() => ({ ledger: createMemoryLedger(), close: () => undefined }), rounds(40, 2_000))
})

describe('rolling windows in the own file', () => {
  const openFile = () => {
    const database = openDatabase({ file: ':memory:' })
    const ledger = createSqliteLedger(database, { entriesPerCheckpoint: 5 })
    const close = () => {
      ledger.close()
      database.close()
    }
    return { ledger, close }
  }
  playOver(openFile, rounds(15, 500))
})

describe('rolling windows in Redis', { skip: whyNoRedis() ?? false }, () => {
  let redis: RealRedis
  let connection: RedisConnection
  let opened = 0
  before(async () => {
    redis = await startRedis()
    const terms = { url: redis.url, commandTimeoutMs: 60_000, connectTimeoutMs: 60_000 }
    connection = await openRedis(terms, (failure) => assert.fail(String(failure)))
  })
  after(async () => {
    await connection.close()
    await redis.stop()
  })
  const openShared = () => {
    opened += 1
    const clock = clockAt({ nowMs: Date.UTC(2026, 10, 1) })
    return openLedgerEnd(connection, { keyPrefix: `rolling${opened}`, clock })
  }
  playOver(openShared, rounds(10, 300))
})
