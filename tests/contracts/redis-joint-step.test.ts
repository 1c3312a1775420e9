/** Limits and money of one request as one step over a real Redis server. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { placeOfLevels, placesIn } from '#composition/ledger-places.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { toProblem } from '#core/domain/problem.ts'
import type { BucketLevel, Buckets } from '#services/rate-limiter/buckets.ts'
import { createRedisBuckets } from '#stores/redis/buckets.ts'
import { openRedis } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { assertSettled, counterOf, window } from '#tests/money/failover-stage.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { openLedgerEnd } from '#tests/support/shared-ledger.ts'
import type { LedgerEnd } from '#tests/support/shared-ledger.ts'

const once: BucketLevel = {
  level: 'tenant',
  window: 'day',
  windowMs: 86_400_000,
  key: 'tenant:a',
  requests: 1,
  tokens: undefined,
  concurrentRequests: undefined,
}
const scopes = [counterOf('tenant:a', 1_000)]

describe('limits and money in one step', { skip: whyNoRedis() ?? false }, () => {
  let redis: RealRedis
  let connection: RedisConnection
  let end: LedgerEnd
  let buckets: Buckets
  let opened = 0
  before(async () => {
    redis = await startRedis()
    const settings = { url: redis.url, commandTimeoutMs: 5_000, connectTimeoutMs: 5_000 }
    connection = await openRedis(settings, () => undefined)
  })
  after(async () => {
    await connection.close()
    await redis.stop()
  })

  async function openBoth() {
    opened += 1
    const keyPrefix = `joint${opened}`
    const places = placesIn(connection, keyPrefix)
    end = await openLedgerEnd(connection, { keyPrefix, places })
    const placeOf = placeOfLevels(places)
    const terms = { placeOf, placeLeaseMs: 60_000, timeSource: 'server' } as const
    buckets = createRedisBuckets({ connection, uniqueId: randomUUID }, terms)
  }
  /** Both steps of one request, asked for in one turn as the corridor does. */
  const admit = (requestId: string, amount: number) => {
    const asker = { requestId, tenantId: 'a' }
    const money = toNanoUsd(amount)
    const expiresAtMs = Date.now() + 600_000
    return Promise.allSettled([
      buckets.take({ levels: [once], tokens: 0, nowMs: 0, asker }),
      end.ledger.reserve({ holdId: requestId, amount: money, amountLeast: money, scopes, expiresAtMs }),
    ])
  }
  const reserved = async () => {
    const [balance] = await end.ledger.balances([{ scope: 'tenant:a', window }])
    return balance?.reserved
  }

  test('what limits refuse holds no money, not for a moment', async () => {
    await openBoth()
    const [taken, held] = await admit('one', 100)
    assert.ok(taken.status === 'fulfilled' && taken.value.isTaken)
    assert.ok(held.status === 'fulfilled' && held.value.isHeld)
    const [refused, unheld] = await admit('two', 100)
    assert.ok(refused.status === 'fulfilled' && !refused.value.isTaken)
    assert.ok(unheld.status === 'rejected')
    assert.equal(toProblem(unheld.reason).code, 'rate_limited')
    assert.equal(await reserved(), 100)
    assert.equal(end.ledger.counts().losses, 0)
    await end.close()
  })

  test('what money refuses counts in the limits, like any request', async () => {
    await openBoth()
    const [taken, held] = await admit('one', 5_000)
    assert.ok(taken.status === 'fulfilled' && taken.value.isTaken)
    assert.ok(held.status === 'fulfilled' && !held.value.isHeld)
    assert.equal(await reserved(), 0)
    await end.close()
  })

  test('a ledger that has to be told again does not keep limits from answering', async () => {
    await openBoth()
    const client = new Redis(redis.url)
    await client.flushall()
    const [taken, held] = await admit('one', 100)
    assert.ok(taken.status === 'fulfilled' && taken.value.isTaken)
    assert.ok(held.status === 'fulfilled' && held.value.isHeld)
    await end.ledger.settle('one', toNanoUsd(70))
    await assertSettled(end, 'tenant:a', 70)
    client.disconnect()
    await end.close()
  })

  test('the place goes back together with the settlement, and alone when there is none', async () => {
    await openBoth()
    const level = { ...once, requests: undefined, concurrentRequests: 1 }
    const asker = { requestId: 'one', tenantId: 'a' }
    for (let times = 0; times < 2; times += 1) {
      const taken = await buckets.take({ levels: [level], tokens: 0, nowMs: 0, asker })
      assert.ok(taken.isTaken)
      await buckets.giveBack(taken, 0, 0)
    }
    const taken = await buckets.take({ levels: [level], tokens: 0, nowMs: 0, asker })
    assert.ok(taken.isTaken)
    const amount = toNanoUsd(100)
    const expiresAtMs = Date.now() + 600_000
    await end.ledger.reserve({ holdId: 'one', amount, amountLeast: amount, scopes, expiresAtMs })
    await Promise.all([buckets.giveBack(taken, 0, 0), end.ledger.settle('one', toNanoUsd(30))])
    await assertSettled(end, 'tenant:a', 30)
    const next = await buckets.take({ levels: [level], tokens: 0, nowMs: 0, asker })
    assert.ok(next.isTaken)
    await end.close()
  })
})
