/** Counters that a command corrects in Redis, beside an instance that goes on: once, and anew after Redis forgot. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Redis } from 'ioredis'
import { openCorrectionRoom } from '#composition/correction-room.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { readSharedBooks } from '#tests/money/money-books.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import { startHouse } from '#tests/support/running-house.ts'

const keyPrefix = 'corrected'
const scope = 'tenant:default'
const limitNanoUsd = 5e9

test(
  'a counter in Redis is corrected beside its instances, once, and refuses by it at once',
  { skip: whyNoRedis() ?? false },
  async (test) => {
    const redis = await startRedis()
    test.after(() => redis.stop())
    const house = await startHouse({
      yaml:
        `${soonWritten}simulation: {enabled: true, first_token_ms: 0}\ncache: {enabled: false}\n` +
        `storage: {redis: {url: "${redis.url}", key_prefix: ${keyPrefix}}}\n` +
        'budget: {limits: [{scope: tenant, limit: 5}]}\npricing: {margins: [{per_request: "0.5"}]}\n',
    })
    test.after(() => house.close())
    const ask = async () => {
      const response = await house.post('/v1/generate', { prompt: 'x', max_tokens: 5 })
      await response.arrayBuffer()
      return response.status
    }
    const window = new Date().toISOString().slice(0, 7)
    const standing = async () => {
      const { counters } = await readSharedBooks(redis.url, keyPrefix, [])
      return counters.find((counter) => counter.scope === scope && counter.window === window)
    }
    assert.equal(await ask(), 200)
    const spent = await eventually(async () => {
      const { settled = 0, reserved } = (await standing()) ?? {}
      assert.ok(settled > 0 && reserved === 0)
      return settled
    })
    const room = await openCorrectionRoom(house.config)
    test.after(() => room.close())
    const correct = (total: number) =>
      room.correct({ scope, window, resetsAtMs: undefined, total: toNanoUsd(total) })
    assert.equal(await correct(limitNanoUsd), limitNanoUsd)
    assert.equal(await correct(limitNanoUsd), 0)
    assert.equal((await standing())?.settled, spent + limitNanoUsd)
    assert.equal(await ask(), 402)
    assert.equal(await correct(1e9), 1e9 - limitNanoUsd)
    assert.equal(await ask(), 200)

    const client = new Redis(redis.url)
    await client.flushall()
    client.disconnect()
    // What instances charged is told again; a correction is booked anew by the next run.
    await eventually(async () => assert.equal((await standing())?.settled, 2 * spent))
    assert.equal(await eventually(() => correct(1e9)), 1e9)
    assert.equal((await standing())?.settled, 2 * spent + 1e9)
  },
)
