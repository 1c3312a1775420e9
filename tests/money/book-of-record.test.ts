/** Redis has forgotten everything and an instance is gone with its disk: its spending comes back from PostgreSQL. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { openPostgres } from '#stores/postgres/database.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { createPostgresPartCopies } from '#stores/postgres/part-copies.ts'
import { assertSettled, callOnce, counterOf, emptyTally, openEnd } from '#tests/money/failover-stage.ts'
import { assertNothingOverspent } from '#tests/money/kept-limits.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import type { RealPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'

const limit = 1_000
const call = { amount: 100, spent: 90 }

describe('balances from the book of record', { skip: whyNoRedis() ?? whyNoPostgres() ?? false }, () => {
  let redis: RealRedis
  let postgres: RealPostgres
  let database: SharedDatabase
  before(async () => {
    redis = await startRedis()
    postgres = await startPostgres()
    const terms = {
      readUrl: undefined,
      connectionsMax: 4,
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 10_000,
    }
    database = await openPostgres({ url: postgres.url, ...terms }, () => undefined)
  })
  after(async () => {
    await database.close()
    await postgres.stop()
    await redis.stop()
  })

  const forget = async () => {
    const client = new Redis(redis.url)
    await client.flushall()
    client.disconnect()
  }

  for (const keyPrefix of ['single', 'several']) {
    test(`of ${keyPrefix} instances that are gone with their books, to the last nano-dollar`, async () => {
      const copies = createPostgresPartCopies(database)
      const wish = { keyPrefix, copies, rebuildWaitMs: 200 }
      const tally = emptyTally()
      const tenant = `tenant:${keyPrefix}`
      const scopes = [counterOf(tenant, limit), counterOf(`user:${keyPrefix}/u`, undefined)]
      for (let instances = keyPrefix === 'single' ? 1 : 3; instances > 0; instances -= 1) {
        const gone = await openEnd(redis.url, wish)
        for (let calls = 0; calls < 3; calls += 1) await callOnce(gone, tally, { ...call, scopes })
        // A sign of life copies what was charged; the process ends without a word, its book with it.
        await gone.ledger.beat()
        await gone.connection.close()
      }
      await forget()
      const next = await openEnd(redis.url, wish)
      await assertSettled(next, tenant, tally.billed)
      await assertSettled(next, `user:${keyPrefix}/u`, tally.billed)
      while (tally.refused === 0) await callOnce(next, tally, { ...call, scopes })
      assert.ok(tally.billed <= limit && tally.billed > limit - call.amount)
      await assertSettled(next, tenant, tally.billed)
      // Told again from the same copies, nothing counts twice.
      await next.ledger.beat()
      await forget()
      await next.ledger.beat()
      await assertSettled(next, tenant, tally.billed)
      await assertNothingOverspent(redis.url, keyPrefix, [{ scope: tenant, limit, billed: tally.billed }])
      await next.close()
    })
  }
})
