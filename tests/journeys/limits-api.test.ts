/** Rate limits set while the gateway runs: by the operator alone, in the place of the configured ones, and what is wrong with a wrong one. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

let house: RunningHouse
before(async () => {
  house = await startHouse({
    yaml: `access: {require_key: true}
simulation: {enabled: true, first_token_ms: 0}
cache: {enabled: false}
limits: {rules: [{level: tenant, id: acme, window: day, requests: 1}]}
`,
    environment: { ADMIN_API_KEY: adminKey },
  })
})
after(() => house.close())

type Line = Readonly<Record<string, unknown>>

async function call(method: string, path: string, body?: unknown, secret = adminKey) {
  const response = await fetch(house.address + path, {
    method,
    headers: { ...bearer(secret), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Line & { readonly error?: Line } }
}
const ask = async (secret: string) =>
  (await call('POST', '/v1/generate', { prompt: 'Hello', max_tokens: 5 }, secret)).status

test('a limit counts before the configured one, is replaced, listed and removed', async () => {
  const { secret } = await makeKey(house, { tenant_id: 'acme' })
  assert.deepEqual([await ask(secret), await ask(secret)], [200, 429])
  const limit = { level: 'tenant', subject: 'acme', window: 'day', requests: 1_000_000 }
  const set = await call('POST', '/admin/v1/limits', limit)
  assert.equal(set.status, 201, JSON.stringify(set.body))
  const path = `/admin/v1/limits/${String(set.body['id'])}`

  const concurrent = { ...limit, requests: undefined, concurrent_requests: 3 }
  assert.equal((await call('PUT', path, concurrent)).status, 200)
  assert.equal(await ask(secret), 200)
  const { body } = await call('GET', '/admin/v1/limits')
  const listed = (body['data'] as readonly Line[]).map((line) => [
    line['id'],
    line['level'],
    line['subject'],
    line['requests'],
    line['concurrent_requests'],
  ])
  assert.deepEqual(listed, [
    [null, 'tenant', 'acme', 1, null],
    [set.body['id'], 'tenant', 'acme', null, 3],
  ])
  assert.equal((await call('DELETE', path)).status, 200)
  assert.equal(await ask(secret), 429)
  assert.equal((await call('DELETE', path)).status, 404)
  assert.equal((await call('PUT', path, limit)).status, 404)
})

test("a tenant's administrator neither sees nor sets any", async () => {
  const { secret } = await makeKey(house, { tenant_id: 'other', permissions: ['admin', 'inference'] })
  const limit = { level: 'key', requests: 1 }
  for (const [method, path, body] of [
    ['GET', '/admin/v1/limits', undefined],
    ['POST', '/admin/v1/limits', limit],
    ['PUT', '/admin/v1/limits/any', limit],
    ['DELETE', '/admin/v1/limits/any', undefined],
  ] as const)
    assert.equal((await call(method, path, body, secret)).status, 403)
})

test('what is wrong with a limit is named', async () => {
  const good = { level: 'user', subject: 'ann', tenant_id: 'acme', requests: 5 }
  assert.equal((await call('POST', '/admin/v1/limits', good)).status, 201)
  for (const [change, status, param] of [
    [{ level: 'galaxy' }, 400, 'level'],
    [{ requests: 0 }, 400, 'requests'],
    [{ requests: undefined }, 400, 'requests'],
    [{ window: 'week' }, 400, 'window'],
    [{ level: 'tenant' }, 400, 'tenant_id'],
    [{ level: 'model' }, 400, 'tenant_id'],
    [{ colour: 'red' }, 400, 'colour'],
    [{}, 409, undefined],
  ] as const) {
    const { status: given, body } = await call('POST', '/admin/v1/limits', { ...good, ...change })
    assert.deepEqual([given, body.error?.['param']], [status, param], JSON.stringify([change, body]))
  }
})
