/** Budgets set while the gateway runs: by whom, for whom, how they refuse, and what is wrong with a wrong one. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, openStage, recordingsOf } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { readFileBooks } from '#tests/money/money-books.ts'

const adminKey = 'operator-key-of-this-test-0123456789abcdef'
const asking = askingOf('openai-chat')

let stage: ProviderStage
before(async () => {
  stage = await openStage(undefined, { ADMIN_API_KEY: adminKey })
  const recording = recordingsOf(asking).find(
    ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.usage,
  )
  assert.ok(recording)
  stage.play(recording)
})
after(async () => stage.close())

type Line = Readonly<Record<string, unknown>>

async function call(method: string, path: string, body?: unknown, secret = adminKey) {
  const response = await fetch(stage.house.address + path, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Line & { readonly error?: Line } }
}

async function ask(secret: string, more: Readonly<Record<string, string>> = {}) {
  const question = { prompt: 'Hello', model: asking.model, max_tokens: 50 }
  const headers = { authorization: `Bearer ${secret}`, ...more }
  const response = await stage.house.post('/v1/generate', question, headers)
  return { status: response.status, body: (await response.json()) as { readonly error?: Line } }
}

test('a budget is set, seen with what is spent of it, replaced and removed', async () => {
  const { id: keyId, secret } = await makeKey(stage.house, { tenant_id: 'one' })
  const budget = { scope: 'key', subject: keyId, tenant_id: 'one', window: 'day', limit_usd: '5' }
  const set = await call('POST', '/admin/v1/budgets', budget)
  assert.equal(set.status, 201, JSON.stringify(set.body))
  assert.equal((await ask(secret)).status, 200)

  const { body } = await call('GET', '/admin/v1/budgets')
  const line = (body['data'] as readonly Line[]).find(({ id }) => id === set.body['id'])
  assert.ok(line && Number(line['spent_usd']) > 0, JSON.stringify(line))
  assert.equal(line['held_usd'], '0')

  const path = `/admin/v1/budgets/${String(set.body['id'])}`
  const replaced = await call('PUT', path, { ...budget, limit_usd: '0.000000001' })
  assert.equal(replaced.status, 200)
  const refused = await ask(secret)
  assert.equal(refused.status, 402)
  assert.deepEqual(refused.body.error?.['code'], 'budget_exceeded')
  assert.match(JSON.stringify(refused.body.error?.['facts']), new RegExp(`key:one/${keyId}`))

  assert.equal((await call('DELETE', path)).status, 200)
  assert.equal((await ask(secret)).status, 200)
  assert.equal((await call('DELETE', path)).status, 404)
})

test('a tag has a budget of its own, and a soft limit only counts', async () => {
  const { secret } = await makeKey(stage.house, { tenant_id: 'two' })
  const tagged = { scope: 'tag', subject: 'nightly', tenant_id: 'two', limit_usd: 0 }
  const hard = await call('POST', '/admin/v1/budgets', tagged)
  assert.equal(hard.status, 201)
  assert.equal((await ask(secret, { 'x-signalbox-tags': 'nightly' })).status, 402)
  assert.equal((await ask(secret, { 'x-signalbox-tags': 'daily,nightly' })).status, 402)
  assert.equal((await ask(secret, { 'x-signalbox-tags': 'daily' })).status, 200)
  await call('PUT', `/admin/v1/budgets/${String(hard.body['id'])}`, { ...tagged, hard: false })
  assert.equal((await ask(secret, { 'x-signalbox-tags': 'nightly' })).status, 200)
})

test("a tenant's administrator sets and sees budgets of that tenant alone", async () => {
  const { secret } = await makeKey(stage.house, { tenant_id: 'three', permissions: ['admin', 'inference'] })
  const own = await call('POST', '/admin/v1/budgets', { scope: 'user', subject: 'ann', limit_usd: 1 }, secret)
  assert.equal(own.status, 201, JSON.stringify(own.body))
  assert.equal(own.body['tenant_id'], 'three')
  for (const foreign of [
    { scope: 'everyone', limit_usd: 1 },
    { scope: 'tenant', subject: 'two', limit_usd: 1 },
    { scope: 'user', subject: 'ann', tenant_id: 'two', limit_usd: 1 },
    { scope: 'model', subject: asking.model, limit_usd: 1 },
  ]) {
    const { status, body } = await call('POST', '/admin/v1/budgets', foreign, secret)
    assert.equal(status, 403, JSON.stringify(body))
  }
  const { body } = await call('GET', '/admin/v1/budgets', undefined, secret)
  assert.deepEqual(
    (body['data'] as readonly Line[]).map((line) => line['tenant_id']),
    ['three'],
  )
})

test('windows by the clocks of a place and rolling windows refuse with the moment at which there is money again', async () => {
  const { secret } = await makeKey(stage.house, { tenant_id: 'five' })
  const zoned = { scope: 'tenant', subject: 'five', window: 'day', time_zone: 'Asia/Kathmandu', limit_usd: 0 }
  const set = await call('POST', '/admin/v1/budgets', zoned)
  assert.equal(set.status, 201, JSON.stringify(set.body))
  assert.equal(set.body['time_zone'], 'Asia/Kathmandu')
  // Midnight in Kathmandu is 18:15 in UTC.
  assert.match(String(set.body['resets_at']), /T18:15:00\.000Z$/)
  const refused = await ask(secret)
  assert.equal(refused.status, 402)
  const facts = refused.body.error?.['facts'] as Line
  assert.match(String(facts['window']), /^\d{4}-\d\d-\d\d\[Asia\/Kathmandu\]$/)
  assert.match(String(facts['resets_at']), /T18:15:00\.000Z$/)
  // Its twin in another zone is another budget.
  assert.equal((await call('POST', '/admin/v1/budgets', { ...zoned, time_zone: 'UTC' })).status, 201)
  assert.equal((await call('POST', '/admin/v1/budgets', zoned)).status, 409)

  const other = await makeKey(stage.house, { tenant_id: 'six' })
  const rolling = { scope: 'tenant', subject: 'six', window: 'rolling-day', limit_usd: '1' }
  const { body } = await call('POST', '/admin/v1/budgets', rolling)
  assert.deepEqual([body['resets_at'], body['spent_usd']], [null, '0'])
  assert.equal((await ask(other.secret)).status, 200)
  const path = `/admin/v1/budgets/${String(body['id'])}`
  const seen = await call('PUT', path, { ...rolling, limit_usd: '0.00001' })
  assert.ok(Number(seen.body['spent_usd']) > 0, JSON.stringify(seen.body))
  const late = await ask(other.secret)
  assert.equal(late.status, 402)
  assert.match(JSON.stringify(late.body.error), /"window":"rolling-day"/)
})

test('what is wrong with a budget is named', async () => {
  const good = { scope: 'tenant', subject: 'four', limit_usd: 1 }
  assert.equal((await call('POST', '/admin/v1/budgets', good)).status, 201)
  for (const [change, status, param] of [
    [{ scope: 'galaxy' }, 400, 'scope'],
    [{ limit_usd: -1 }, 400, 'limit_usd'],
    [{ limit_usd: 'much' }, 400, 'limit_usd'],
    [{ limit_usd: 1e15 }, 400, 'limit_usd'],
    [{ limit_usd: undefined }, 400, 'limit_usd'],
    [{ window: 'decade' }, 400, 'window'],
    [{ time_zone: 'Mars/Olympus' }, 400, 'time_zone'],
    [{ time_zone: 'Europe/Berlin', window: 'total' }, 400, 'time_zone'],
    [{ time_zone: 'Europe/Berlin', window: 'rolling-day' }, 400, 'time_zone'],
    [{ tenant_id: 'x' }, 400, 'tenant_id'],
    [{ scope: 'everyone' }, 400, 'subject'],
    [{ colour: 'red' }, 400, 'colour'],
    [{}, 409, undefined],
  ] as const) {
    const { status: given, body } = await call('POST', '/admin/v1/budgets', { ...good, ...change })
    assert.deepEqual([given, body.error?.['param']], [status, param], JSON.stringify([change, body]))
  }
  assert.equal((await call('PUT', '/admin/v1/budgets/nothing', { ...good, window: 'day' })).status, 404)
})

test('after all of this the books agree with their rows, and nothing is held', async () => {
  await eventually(() => {
    const books = readFileBooks(stage.house.dataDir)
    assert.ok(books.rows.some(({ kind }) => kind === 'charge'))
    assertMoney(books)
  })
})
