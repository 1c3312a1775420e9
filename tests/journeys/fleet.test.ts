/** Two instances that share Redis and PostgreSQL: one key, one budget and one book for both, and no row lost to an outage. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import type { RealPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const adminKey = 'operator-key-of-this-fleet-0123456789abcdef'
const asOperator = { authorization: `Bearer ${adminKey}` }

describe('a fleet of two', { skip: whyNoRedis() ?? whyNoPostgres() ?? false }, () => {
  let redis: RealRedis
  let postgres: RealPostgres
  let houses: readonly [RunningHouse, RunningHouse]
  let secret = ''
  let keyId = ''

  before(async () => {
    redis = await startRedis()
    postgres = await startPostgres()
    const start = () =>
      startHouse({
        yaml: `${soonWritten}access: {require_key: true}\nsimulation: {enabled: true}\ncache: {enabled: false}\nbudget: {outage: closed}\n`,
        environment: {
          ADMIN_API_KEY: adminKey,
          REDIS_URL: redis.url,
          DATABASE_URL: postgres.url,
          KEY_PEPPER: Buffer.alloc(32, 9).toString('base64'),
        },
      })
    houses = await Promise.all([start(), start()])
  })
  after(async () => {
    for (const house of houses) await house.close()
    await postgres.stop()
    await redis.stop()
  })

  const ask = async (house: RunningHouse) => {
    const headers = { authorization: `Bearer ${secret}` }
    const response = await house.post('/v1/generate', { prompt: 'Hello' }, headers)
    await response.arrayBuffer()
    return response.status
  }
  const requestsIn = async (house: RunningHouse) => {
    const response = await house.get('/admin/v1/usage', asOperator)
    assert.equal(response.status, 200, await response.clone().text())
    return ((await response.json()) as { readonly requests: number }).requests
  }

  test('a key made at one opens the other', async () => {
    const made = await houses[0].post('/admin/v1/keys', { name: 'fleet', tenant_id: 'acme' }, asOperator)
    assert.equal(made.status, 201, await made.clone().text())
    const body = (await made.json()) as { readonly secret: string; readonly id: string }
    secret = body.secret
    keyId = body.id
    assert.equal(await ask(houses[1]), 200)
    assert.equal(await ask(houses[0]), 200)
  })

  test('each tells of the requests of both', async () => {
    for (const house of houses) {
      await eventually(async () => assert.equal(await requestsIn(house), 2))
    }
  })

  test('a database that dies costs nobody a request, and its rows arrive when it is back', async () => {
    await postgres.crash()
    assert.equal(await ask(houses[0]), 200)
    assert.equal(await ask(houses[1]), 200)
    const refused = await houses[0].get('/admin/v1/usage', asOperator)
    assert.equal(refused.status, 503)
    await refused.arrayBuffer()
    await postgres.restart()
    await eventually(async () => assert.equal(await requestsIn(houses[0]), 4))
    await eventually(async () => assert.equal(await requestsIn(houses[1]), 4))
  })

  test('a budget set at one refuses at both within the second, and lets through again when it is gone', async () => {
    const budget = { scope: 'key', subject: keyId, tenant_id: 'acme', limit_usd: 0 }
    const set = await houses[0].post('/admin/v1/budgets', budget, asOperator)
    assert.equal(set.status, 201, await set.clone().text())
    const { id } = (await set.json()) as { readonly id: string }
    const setAtMs = performance.now()
    assert.equal(await ask(houses[0]), 402)
    await eventually(async () => assert.equal(await ask(houses[1]), 402))
    // A second, and what a busy machine may take on top of it.
    assert.ok(performance.now() - setAtMs < 10_000)

    const listed = await houses[1].get('/admin/v1/budgets', asOperator)
    const { data } = (await listed.json()) as { readonly data: ReadonlyArray<Record<string, unknown>> }
    assert.deepEqual(
      data.map((line) => [line['id'], line['scope'], line['limit_usd'], line['held_usd']]),
      [[id, 'key', '0', '0']],
    )
    const removed = await fetch(`${houses[1].address}/admin/v1/budgets/${id}`, {
      method: 'DELETE',
      headers: asOperator,
    })
    assert.equal(removed.status, 200, await removed.text())
    for (const house of houses) await eventually(async () => assert.equal(await ask(house), 200))
  })

  test('a balance that is paid in at one is drawn from at both, and not below zero', async () => {
    const payment = { id: 'fleet-1', scope: 'key', subject: keyId, tenant_id: 'acme', amount_usd: '0.000001' }
    const paths = ['/admin/v1/balances/top-ups', '/admin/v1/balances'] as const
    const paid = await houses[0].post(paths[0], payment, asOperator)
    assert.equal(paid.status, 201, await paid.clone().text())
    const again = await houses[1].post(paths[0], payment, asOperator)
    assert.equal(again.status, 200, await again.clone().text())
    for (const house of houses) await eventually(async () => assert.equal(await ask(house), 402))

    const rich = { ...payment, id: 'fleet-2', amount_usd: '0.5' }
    assert.equal((await houses[1].post(paths[0], rich, asOperator)).status, 201)
    for (const house of houses) await eventually(async () => assert.equal(await ask(house), 200))
    const statuses = await Promise.all(
      Array.from({ length: 100 }, (_, call) => ask(houses[call % 2] ?? houses[0])),
    )
    assert.ok(statuses.every((status) => status === 200 || status === 402))
    for (const house of houses) {
      await eventually(async () => {
        const listed = await house.get(paths[1], asOperator)
        const { data } = (await listed.json()) as { readonly data: ReadonlyArray<Record<string, string>> }
        const [line] = data
        assert.ok(line)
        assert.deepEqual(
          [line['paid_in_usd'], line['held_usd'], line['overdrawn_usd']],
          ['0.500001', '0', '0'],
        )
        assert.ok(Number(line['spent_usd']) > 0)
      })
    }
  })

  test('a key ended at one soon opens neither', async () => {
    const response = await fetch(`${houses[0].address}/admin/v1/keys/${keyId}`, {
      method: 'DELETE',
      headers: asOperator,
    })
    assert.equal(response.status, 200)
    assert.equal(await ask(houses[0]), 401)
    await eventually(async () => assert.equal(await ask(houses[1]), 401))
  })
})
