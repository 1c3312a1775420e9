/** The primary of PostgreSQL dies while calls run, and its standby takes over: every row arrives there, once. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '#tests/journeys/eventually.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { rounds, tell } from '#tests/money/soak.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import type { RealPostgres, StandbyPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const adminKey = 'operator-key-of-this-fleet-0123456789abcdef'
const asOperator = { authorization: `Bearer ${adminKey}` }
const callers = 3
const callsBefore = 12
/** How long nobody can be written to. */
const awayMs = rounds(1_500, 60_000)
const patienceMs = 60_000

describe('a standby that is promoted', { skip: whyNoRedis() ?? whyNoPostgres() ?? false }, () => {
  let redis: RealRedis
  let postgres: RealPostgres
  let standby: StandbyPostgres
  let houses: readonly RunningHouse[]
  before(async () => {
    redis = await startRedis()
    postgres = await startPostgres()
    standby = await postgres.startStandby()
    const { host } = new URL(postgres.url)
    const url = `postgres://postgres@127.0.0.1:${standby.port},${host}/postgres`
    const start = () =>
      startHouse({
        yaml: `${soonWritten}simulation: {enabled: true}\ncache: {enabled: false}\nalerts: {enabled: false}\n`,
        environment: {
          ADMIN_API_KEY: adminKey,
          REDIS_URL: redis.url,
          DATABASE_URL: url,
          KEY_PEPPER: Buffer.alloc(32, 9).toString('base64'),
        },
      })
    houses = await Promise.all([start(), start()])
  })
  after(async () => {
    for (const house of houses) await house.close()
    await standby.stop()
    await postgres.stop()
    await redis.stop()
  })

  test('while calls run: no call fails, and no row is lost or doubled', async () => {
    let answered = 0
    const end = { isHere: false }
    const calling = houses.flatMap((house) =>
      Array.from({ length: callers }, async () => {
        while (!end.isHere) {
          const response = await house.post('/v1/generate', { prompt: 'Hello' })
          await response.arrayBuffer()
          assert.equal(response.status, 200)
          answered += 1
          await sleep(20)
        }
      }),
    )
    const reach = (calls: number) => eventually(() => assert.ok(answered >= calls), patienceMs)
    await reach(callsBefore)
    await postgres.crash()
    const atCrash = answered
    await sleep(awayMs)
    await reach(atCrash + callsBefore)
    standby.promote()
    await reach(answered + callsBefore)
    end.isHere = true
    await Promise.all(calling)

    const [house] = houses
    assert.ok(house)
    const usage = await eventually(async () => {
      const response = await house.get('/admin/v1/usage', asOperator)
      assert.equal(response.status, 200, await response.clone().text())
      const told = (await response.json()) as { readonly requests: number }
      assert.equal(told.requests, answered)
      return told
    }, patienceMs)
    tell(`${usage.requests} rows of ${answered} answers, ${awayMs} ms without a primary`)
  })
})
