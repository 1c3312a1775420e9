/** The contract of the buckets over a real Redis server, and what only a shared store must do. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRedisBuckets, createRedisDesks } from '#stores/redis/buckets.ts'
import { openRedis } from '#stores/redis/connection.ts'
import { startRedis, whyNoRedis } from '../support/real-redis.ts'
import { bucketsContract } from './buckets-contract.ts'

const reason = whyNoRedis()
if (reason !== undefined) {
  test('the buckets in Redis', { skip: reason })
} else {
  const server = await startRedis()
  const connection = await openRedis(
    { url: server.url, commandTimeoutMs: 5_000, connectTimeoutMs: 5_000 },
    (failure) => {
      throw failure
    },
  )
  let made = 0
  const uniqueId = () => `place${(made += 1)}`
  const usual = { placeLeaseMs: 900_000, timeSource: 'caller' } as const
  const desks = createRedisDesks(connection)
  const at = (tag: string) => {
    const place = { tag, desks }
    return () => place
  }
  bucketsContract('redis', () =>
    createRedisBuckets({ connection, uniqueId }, { ...usual, placeOf: at(`test${(made += 1)}`) }),
  )

  const places = {
    level: 'user',
    window: 'minute',
    windowMs: 60_000,
    key: 'user:a',
    requests: undefined,
    tokens: undefined,
    concurrentRequests: 1,
  } as const

  test('a place whose instance is gone is free again when its lease ends', async () => {
    const settings = { placeOf: at('lease'), placeLeaseMs: 60, timeSource: 'server' } as const
    const gone = createRedisBuckets({ connection, uniqueId }, settings)
    const other = createRedisBuckets({ connection, uniqueId }, settings)
    assert.equal((await gone.take({ levels: [places], tokens: 0, nowMs: 0 })).isTaken, true)
    assert.equal((await other.take({ levels: [places], tokens: 0, nowMs: 0 })).isTaken, false)
    await sleep(100)
    assert.equal((await other.take({ levels: [places], tokens: 0, nowMs: 0 })).isTaken, true)
  })

  test('two instances with different clocks take from one bucket', async () => {
    const settings = { placeOf: at('clocks'), placeLeaseMs: 1_000, timeSource: 'server' } as const
    const levels = [{ ...places, concurrentRequests: undefined, requests: 2 }]
    const one = createRedisBuckets({ connection, uniqueId }, settings)
    const two = createRedisBuckets({ connection, uniqueId }, settings)
    const answers = [
      await one.take({ levels, tokens: 0, nowMs: 5 }),
      await two.take({ levels, tokens: 0, nowMs: 999_999_999 }),
      await one.take({ levels, tokens: 0, nowMs: 6 }),
    ]
    assert.deepEqual(
      answers.map(({ isTaken }) => isTaken),
      [true, true, false],
    )
  })

  after(async () => {
    await connection.close()
    await server.stop()
  })
}
