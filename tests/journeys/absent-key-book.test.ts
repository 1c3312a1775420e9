/** The book of idempotency keys away: requests with a key are refused and cost nothing, others go on, and it comes back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'
import { readRecords, soonWritten } from '#tests/journeys/records.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import { startHouse } from '#tests/support/running-house.ts'

/** A step may take long on a busy machine, and what nobody answers must be given up all the same. */
const settings = `${soonWritten}
access: {require_key: false}
simulation: {enabled: true}
cache: {enabled: false}
budget: {outage: open}
storage:
  redis: {command_timeout_ms: 1500}
  postgres: {statement_timeout_ms: 1500, connect_timeout_ms: 1500}
`

interface Absence {
  readonly environment: Readonly<Record<string, string>>
  /** Ways to be away, each with the way back. */
  readonly ways: readonly (readonly [
    how: string,
    go: () => Promise<void> | void,
    comeBack: () => Promise<void> | void,
  ])[]
}

async function assertRefusedMeanwhile(context: TestContext, { environment, ways }: Absence): Promise<void> {
  const house = await startHouse({ yaml: settings, environment })
  context.after(() => house.close())
  let calls = 0
  const ask = async (key?: string) => {
    calls += 1
    const headers = { 'x-request-id': `call-${calls}`, ...(key ? { 'idempotency-key': key } : {}) }
    const response = await house.post('/v1/generate', { prompt: 'Hello', max_tokens: 3 }, headers)
    const body = (await response.json()) as { readonly error?: { readonly code: string } }
    return [response.status, body.error?.code]
  }
  for (const [how, go, comeBack] of ways) {
    assert.deepEqual(await ask(`before it ${how}`), [200, undefined])
    await go()
    try {
      assert.deepEqual(await ask(`while it ${how}`), [503, 'store_unavailable'], how)
      const refused = `call-${calls}`
      assert.deepEqual(await ask(), [200, undefined], how)
      await eventually(() => {
        const { rows, heldNanoUsd } = readRecords(house.dataDir)
        const of = rows.filter(({ request_id }) => request_id.startsWith(refused))
        for (const row of of) assert.equal(row.cost_nano_usd, 0)
        assert.deepEqual([...heldNanoUsd.keys()], [])
      })
    } finally {
      await comeBack()
    }
    await eventually(async () => assert.deepEqual(await ask(`while it ${how}`), [200, undefined], how))
  }
}

test('a Redis that dies or freezes', { skip: whyNoRedis() ?? false }, async (context) => {
  const redis = await startRedis()
  context.after(() => redis.stop())
  await assertRefusedMeanwhile(context, {
    environment: { REDIS_URL: redis.url, KEY_PEPPER: Buffer.alloc(32, 5).toString('base64') },
    ways: [
      ['dies', () => redis.kill(), () => redis.revive()],
      ['freezes', () => redis.freeze(), () => redis.thaw()],
    ],
  })
})

test('a PostgreSQL that dies or freezes', { skip: whyNoPostgres() ?? false }, async (context) => {
  const postgres = await startPostgres()
  context.after(() => postgres.stop())
  await assertRefusedMeanwhile(context, {
    environment: { DATABASE_URL: postgres.url, KEY_PEPPER: Buffer.alloc(32, 5).toString('base64') },
    ways: [
      ['dies', () => postgres.crash(), () => postgres.restart()],
      ['freezes', () => postgres.freeze(), () => postgres.thaw()],
    ],
  })
})
