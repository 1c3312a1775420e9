/** Budgets that degrade before they refuse: a cheaper model answers, answers get shorter, spending is paced, and all of it is told. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, openStage, recordingsOf } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { readRecords } from '#tests/journeys/records.ts'

const dear = askingOf('anthropic-messages')
const cheap = askingOf('gemini-generate')
const answered = (asking: typeof dear) => {
  const recording = recordingsOf(asking).find(
    ({ reply, expect }) =>
      reply.stream === undefined && expect.outcome === 'ok' && expect.text && expect.usage,
  )
  return recording ?? assert.fail()
}

let stage: ProviderStage
before(async () => {
  stage = await openStage(undefined, { ADMIN_API_KEY: adminKey })
})
after(async () => stage.close())

type Line = Readonly<Record<string, unknown>>

async function setBudget(tenant: string, degrade: readonly object[], more: object = {}) {
  const budget = { scope: 'tenant', subject: tenant, window: 'day', limit_usd: 5, degrade, ...more }
  const response = await stage.house.post('/admin/v1/budgets', budget, bearer(adminKey))
  return { status: response.status, body: (await response.json()) as Line & { readonly error?: Line } }
}

const messages = [{ role: 'user', content: 'Hello' }]
/** The same question at the doors of several APIs; what was sent to the provider is the last request that it received. */
const doors = (model: string) =>
  [
    ['/v1/generate', { prompt: 'Hello', model, max_tokens: 900 }],
    ['/v1/chat/completions', { model, messages, max_tokens: 900 }],
    ['/v1/messages', { model, messages, max_tokens: 900 }],
    ['/v2/chat', { model, messages, max_tokens: 900 }],
  ] as const

async function ask(path: string, body: object, secret: string) {
  const response = await stage.house.post(path, body, bearer(secret))
  return { status: response.status, headers: response.headers, text: await response.text() }
}

test('a cheaper model answers from its share on, at every door, and headers and rows say so', async () => {
  const { secret } = await makeKey(stage.house, { tenant_id: 'thrifty' })
  const degrade = [{ from_percent: 0, action: 'cheaper_models', models: [cheap.model, 'nobody-knows-this'] }]
  const set = await setBudget('thrifty', degrade)
  assert.equal(set.status, 201, JSON.stringify(set.body))
  assert.deepEqual(set.body['degrade'], degrade)
  for (const [path, body] of doors(dear.model)) {
    stage.play(answered(cheap))
    const { status, headers, text } = await ask(path, body, secret)
    assert.equal(status, 200, `${path}: ${text}`)
    assert.equal(headers.get('x-signalbox-model'), cheap.model, path)
    assert.equal(headers.get('x-signalbox-degraded'), 'cheaper_models', path)
  }
  // Who asks for the cheapest already is asked as ever.
  stage.play(answered(cheap))
  const { headers } = await ask('/v1/generate', { prompt: 'Hello', model: cheap.model }, secret)
  assert.equal(headers.get('x-signalbox-model'), cheap.model)
  await eventually(() => {
    const rows = readRecords(stage.house.dataDir).rows.filter((row) => row.tenant_id === 'thrifty')
    assert.equal(rows.length, 5)
    for (const row of rows) assert.equal(row.degraded, 'cheaper_models')
  })
})

test('a key that may use one model alone keeps it', async () => {
  const wish = { tenant_id: 'picky', allowed_models: [dear.model] }
  const { secret } = await makeKey(stage.house, wish)
  await setBudget('picky', [{ from_percent: 0, action: 'cheaper_models', models: [cheap.model] }])
  stage.play(answered(dear))
  const { status, headers, text } = await ask('/v1/generate', { prompt: 'Hello', model: dear.model }, secret)
  assert.equal(status, 200, text)
  assert.equal(headers.get('x-signalbox-model'), dear.model)
})

test('answers get shorter from their share on: the lower cap is what the provider gets, and is told', async () => {
  const { secret } = await makeKey(stage.house, { tenant_id: 'brief' })
  await setBudget('brief', [{ from_percent: 0, action: 'lower_output_cap', output_tokens: 128 }])
  for (const [path, body] of doors(dear.model)) {
    stage.play(answered(dear))
    const { status, headers, text } = await ask(path, body, secret)
    assert.equal(status, 200, `${path}: ${text}`)
    assert.equal(headers.get('x-signalbox-degraded'), 'lower_output_cap=128', path)
    const sent = JSON.parse(stage.received().at(-1)?.bodyText ?? '') as Line
    assert.equal(sent['max_tokens'], 128, path)
  }
  stage.play(answered(dear))
  const short = await ask('/v1/messages', { model: dear.model, messages, max_tokens: 100 }, secret)
  assert.equal(short.headers.get('x-signalbox-degraded'), null, 'who asks for less is not told of more')
})

test('paced spending is told when to come again, in the shape of each API, and refusal comes last', async () => {
  const { secret } = await makeKey(stage.house, { tenant_id: 'paced' })
  // The window has a month and hardly any of the limit is due yet; what one answer costs is more than that.
  const pace = [{ from_percent: 0, action: 'pace' }]
  const set = await setBudget('paced', pace, { window: 'month', limit_usd: '0.05' })
  assert.equal(set.status, 201)
  stage.play(answered(dear))
  const path = `/admin/v1/budgets/${String(set.body['id'])}`
  const put = (more: object) =>
    fetch(stage.house.address + path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', ...bearer(adminKey) },
      body: JSON.stringify({ scope: 'tenant', subject: 'paced', window: 'month', ...more }),
    })
  assert.equal(
    (await ask('/v1/generate', { prompt: 'Hello', model: dear.model, max_tokens: 100 }, secret)).status,
    200,
  )
  const spent = await put({ limit_usd: '1', degrade: pace })
  const { spent_usd: spentUsd } = (await spent.json()) as { readonly spent_usd: string }
  // Just above what is spent: nearly all of the month's money is gone, in whatever part of the month this runs.
  const limit_usd = (Number(spentUsd) * 1.000_001).toFixed(9)
  assert.equal((await put({ limit_usd, degrade: pace })).status, 200)
  for (const [door, body] of doors(dear.model)) {
    const { status, headers, text } = await ask(door, body, secret)
    assert.equal(status, 429, `${door}: ${text}`)
    assert.ok(Number(headers.get('retry-after')) > 0, door)
    assert.match(text, /tenant:paced .*is to last until/, door)
  }
  assert.equal((await put({ limit_usd: spentUsd, degrade: pace })).status, 200)
  assert.equal((await ask('/v1/generate', { prompt: 'Hello', model: dear.model }, secret)).status, 402)
})

test('what is wrong with a step is named', async () => {
  for (const [degrade, more] of [
    [{ action: 'pace' }, {}],
    [{ from_percent: 101, action: 'pace' }, {}],
    [{ from_percent: 50, action: 'refuse' }, {}],
    [{ from_percent: 50, action: 'pace' }, { window: 'total' }],
    [{ from_percent: 50, action: 'pace' }, { window: 'rolling-day' }],
    [{ from_percent: 50, action: 'pace', models: ['x'] }, {}],
    [{ from_percent: 50, action: 'lower_output_cap' }, {}],
    [{ from_percent: 50, action: 'lower_output_cap', output_tokens: 1 }, {}],
    [{ from_percent: 50, action: 'cheaper_models', output_tokens: 100 }, {}],
    [
      { from_percent: 50, action: 'cheaper_models' },
      { scope: 'model', subject: 'some-claude' },
    ],
  ] as const) {
    const { status, body } = await setBudget('wrong', [degrade], more)
    assert.equal(status, 400, JSON.stringify([degrade, body]))
    assert.match(String(body.error?.['param']), /^degrade/)
  }
})
