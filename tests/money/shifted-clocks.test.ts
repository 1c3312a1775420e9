/** A server's clock that is set: the steps are told its moments, ahead and back, as its own scripts read them. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { placeOfLevels, placesIn } from '#composition/ledger-places.ts'
import type { LimitAmounts } from '#core/domain/limit-rule.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { createRedisBuckets } from '#stores/redis/buckets.ts'
import { openRedis } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { counterOf, window } from '#tests/money/failover-stage.ts'
import { assertNothingOverspent } from '#tests/money/kept-limits.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { clockAt, openLedgerEnd } from '#tests/support/shared-ledger.ts'
import type { LedgerEnd } from '#tests/support/shared-ledger.ts'

const hourMs = 3_600_000
const leaseMs = 900_000
const limit = 1_000
const scopes = [counterOf('tenant:a', limit)]

describe('a server whose clock is set', { skip: whyNoRedis() ?? false }, () => {
  let redis: RealRedis
  let connection: RedisConnection
  before(async () => {
    redis = await startRedis()
    const settings = { url: redis.url, commandTimeoutMs: 5_000, connectTimeoutMs: 5_000 }
    connection = await openRedis(settings, () => undefined)
  })
  after(async () => {
    await connection.close()
    await redis.stop()
  })

  /** Two instances that go by one clock, which is the server's. */
  async function openPair(keyPrefix: string, time: { nowMs: number }) {
    const clock = clockAt(time)
    const ends = [
      await openLedgerEnd(connection, { keyPrefix, clock }),
      await openLedgerEnd(connection, { keyPrefix, clock }),
    ] as const
    const hold = async ({ ledger }: LedgerEnd, holdId: string, amount: number) => {
      const money = toNanoUsd(amount)
      const expiresAtMs = time.nowMs + leaseMs
      const answer = await ledger.reserve({ holdId, amount: money, amountLeast: money, scopes, expiresAtMs })
      return answer.isHeld
    }
    const standing = async () => {
      const [balance] = await ends[0].ledger.balances([{ scope: 'tenant:a', window }])
      assert.ok(balance && balance.settled + balance.reserved <= limit)
      return [balance.settled, balance.reserved, balance.estimated]
    }
    /** `billed`: what was settled. */
    const close = async (billed: number) => {
      await assertNothingOverspent(redis.url, keyPrefix, [{ scope: 'tenant:a', limit, billed }])
      for (const end of ends) await end.close()
    }
    return { ends, hold, standing, close }
  }

  test('ahead: what is held is charged in full before its time, corrected when its owner settles, and never overspent', async () => {
    const time = { nowMs: Date.now() }
    const { ends, hold, standing, close } = await openPair('ahead', time)
    assert.ok(await hold(ends[0], 'one', 600))
    assert.ok(await hold(ends[1], 'two', 400))
    time.nowMs += 5 * hourMs
    assert.equal(await ends[1].ledger.expire(time.nowMs), 2)
    assert.deepEqual(await standing(), [1_000, 0, 1_000])
    assert.equal(await hold(ends[1], 'three', 1), false)
    assert.equal((await ends[0].ledger.settle('one', toNanoUsd(100))).kind, 'late')
    assert.deepEqual(await standing(), [500, 0, 400])
    assert.ok(await hold(ends[1], 'four', 500))
    assert.equal((await ends[1].ledger.settle('two', toNanoUsd(50))).kind, 'late')
    assert.deepEqual(await standing(), [150, 500, 0])
    await close(150)
  })

  test('back: what is held stays held for longer, and is settled as if nothing had been', async () => {
    const time = { nowMs: Date.now() }
    const { ends, hold, standing, close } = await openPair('back', time)
    assert.ok(await hold(ends[0], 'one', 700))
    time.nowMs -= 5 * hourMs
    assert.ok(await hold(ends[1], 'two', 300))
    // The lease of the later hold ends first: its moments are earlier ones.
    time.nowMs += leaseMs
    assert.equal(await ends[1].ledger.expire(time.nowMs), 1)
    assert.deepEqual(await standing(), [300, 700, 300])
    assert.equal(await hold(ends[1], 'three', 1), false)
    assert.equal((await ends[0].ledger.settle('one', toNanoUsd(10))).kind, 'settled')
    assert.equal((await ends[1].ledger.settle('two', toNanoUsd(20))).kind, 'late')
    assert.deepEqual(await standing(), [30, 0, 0])
    await close(30)
  })

  const minuteOf = (amounts: Partial<LimitAmounts>) => [
    {
      level: 'tenant' as const,
      window: 'minute' as const,
      windowMs: 60_000,
      key: `tenant:${randomUUID()}`,
      requests: undefined,
      tokens: undefined,
      concurrentRequests: undefined,
      ...amounts,
    },
  ]
  const openBuckets = () => {
    const placeOf = placeOfLevels(placesIn(connection, 'clock'))
    const settings = { placeOf, placeLeaseMs: leaseMs, timeSource: 'caller' } as const
    return createRedisBuckets({ connection, uniqueId: randomUUID }, settings)
  }

  test('back: limits wait no longer than their window, and give nothing twice', async () => {
    const buckets = openBuckets()
    const levels = minuteOf({ requests: 2, tokens: 100 })
    const take = (nowMs: number) => buckets.take({ levels, tokens: 50, nowMs })
    const startMs = Date.now()
    assert.equal((await take(startMs)).isTaken, true)
    assert.equal((await take(startMs)).isTaken, true)
    const backMs = startMs - 5 * hourMs
    const refused = await take(backMs)
    assert.ok(!refused.isTaken)
    assert.equal(refused.retryAfterMs, 30_000)
    assert.equal((await take(backMs + 30_000)).isTaken, true)
    assert.equal((await take(backMs + 30_001)).isTaken, false)
  })

  test('back: tokens that were used beyond the limit are still owed', async () => {
    const buckets = openBuckets()
    const levels = minuteOf({ tokens: 100 })
    const startMs = Date.now()
    const taken = await buckets.take({ levels, tokens: 100, nowMs: startMs })
    assert.ok(taken.isTaken)
    const backMs = startMs - hourMs
    await buckets.giveBack(taken, 300, backMs)
    const refused = await buckets.take({ levels, tokens: 100, nowMs: backMs })
    assert.ok(!refused.isTaken)
    assert.equal(refused.retryAfterMs, 180_000)
  })

  test('ahead: a limit is full again once, and no more than that', async () => {
    const buckets = openBuckets()
    const levels = minuteOf({ requests: 2 })
    const startMs = Date.now()
    const answers = []
    for (const nowMs of [startMs, startMs, startMs, startMs + hourMs, startMs + hourMs, startMs + hourMs])
      answers.push((await buckets.take({ levels, tokens: 0, nowMs })).isTaken)
    assert.deepEqual(answers, [true, true, false, true, true, false])
  })
})
