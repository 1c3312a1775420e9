/** A Redis that may drop keys when its memory is full is no place for money: the process says so and does not start. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { openWorkplace } from '#tests/journeys/child-service.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'

describe('a start with a Redis that evicts', { skip: whyNoRedis() ?? false }, () => {
  let redis: RealRedis
  let client: Redis
  before(async () => {
    redis = await startRedis('--maxmemory', '100mb')
    client = new Redis(redis.url)
  })
  after(async () => {
    client.disconnect()
    await redis.stop()
  })

  test('is refused with the policy, the reason and what to do, and touches nothing', async (context) => {
    await client.config('SET', 'maxmemory-policy', 'volatile-lru')
    const child = openWorkplace(context).start({ environment: { REDIS_URL: redis.url } })
    const { code } = await child.ending
    assert.equal(code, 1)
    assert.match(child.stderr(), /maxmemory-policy volatile-lru/)
    assert.match(child.stderr(), /Set maxmemory-policy to noeviction at the server that REDIS_URL/)
    assert.ok(!child.stdout().includes('listens on'))
    assert.equal(await client.dbsize(), 0)
  })

  test('is none with noeviction, whatever the memory limit', async (context) => {
    await client.config('SET', 'maxmemory-policy', 'noeviction')
    const child = openWorkplace(context).start({ environment: { REDIS_URL: redis.url } })
    await child.address()
    child.kill('SIGTERM')
    assert.equal((await child.ending).code, 0)
  })
})
