/** Budgets of organisations and of end users, through the doors that name them, and what each door says of a refusal. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, openStage, quietSettings, recordingsOf } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'

const asking = askingOf('openai-chat')
const model = asking.model
const messages = [{ role: 'user', content: 'Hello' }]

let stage: ProviderStage
before(async () => {
  const settings = `${quietSettings}
budget:
  organisations: {holding: [north, south]}
  limits:
    - {scope: organisation, window: total, limit: 0}
    - {scope: end_user, tenant: shop, window: rolling-day, limit: "0.000000001"}
    - {scope: end_user, id: vip, tenant: shop, window: day, time_zone: Europe/Berlin, limit: 5}
    - {scope: end_user, id: vip, tenant: shop, window: rolling-day, limit: 5}
`
  stage = await openStage(settings, { ADMIN_API_KEY: adminKey })
  const recording = recordingsOf(asking).find(
    ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.usage,
  )
  assert.ok(recording)
  stage.play(recording)
})
after(async () => stage.close())

async function ask(path: string, body: object, secret: string) {
  const response = await stage.house.post(path, body, bearer(secret))
  return { status: response.status, text: await response.text() }
}

/** The question as each API puts it, with the end user where it names one. */
const doors = (user: string) =>
  [
    ['/v1/generate', { prompt: 'Hello', model, max_tokens: 50, user_id: user }],
    ['/v1/chat/completions', { model, messages, max_tokens: 50, user }],
    ['/v1/chat/completions', { model, messages, max_tokens: 50, safety_identifier: user }],
    ['/v1/responses', { model, input: 'Hello', max_output_tokens: 50, user }],
    ['/v1/messages', { model, messages, max_tokens: 50, metadata: { user_id: user } }],
  ] as const

test('an end user has a budget beside the user of the key, however the API names one', async () => {
  for (const wish of [{ tenant_id: 'shop', user_id: 'till' }, { tenant_id: 'shop' }]) {
    const { secret } = await makeKey(stage.house, wish)
    for (const [path, body] of doors('eve')) {
      const { status, text } = await ask(path, body, secret)
      assert.equal(status, 402, `${path}: ${text}`)
      assert.match(text, /end_user:shop\/eve for rolling-day/, path)
    }
    for (const [path, body] of doors('vip')) {
      const { status, text } = await ask(path, body, secret)
      assert.ok(status !== 402 && status !== 429, `${path}: ${text}`)
    }
  }
})

test('who is the user of the key is no end user of it', async () => {
  const { secret } = await makeKey(stage.house, { tenant_id: 'shop', user_id: 'eve' })
  for (const [path, body] of doors('eve')) {
    const { status, text } = await ask(path, body, secret)
    assert.ok(status !== 402 && status !== 429, `${path}: ${text}`)
  }
})

test('tenants of one organisation share its budget, and a tenant of none has nothing to do with it', async () => {
  const question = { prompt: 'Hello', model, max_tokens: 50 }
  for (const [tenant, expected] of [
    ['north', 402],
    ['south', 402],
    ['west', 200],
  ] as const) {
    const { secret } = await makeKey(stage.house, { tenant_id: tenant })
    const { status, text } = await ask('/v1/generate', question, secret)
    assert.equal(status, expected, `${tenant}: ${text}`)
    if (expected === 402) assert.match(text, /organisation:holding/)
  }
})

test('every door names whose budget refuses, its window, its limit, what is spent and held, and when there is money again', async () => {
  const { secret } = await makeKey(stage.house, { tenant_id: 'named' })
  const limit = { scope: 'tenant', subject: 'named', window: 'day', time_zone: 'Europe/Berlin', limit_usd: 0 }
  const headers = { 'content-type': 'application/json', ...bearer(adminKey) }
  const address = `${stage.house.address}/admin/v1/budgets`
  const set = await fetch(address, { method: 'POST', headers, body: JSON.stringify(limit) })
  assert.equal(set.status, 201)
  const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }]
  for (const [path, body] of [
    ...doors('eve'),
    [`/v1beta/models/${model}:generateContent`, { contents }],
    ['/v2/chat', { model, messages }],
  ] as const) {
    const { status, text } = await ask(path, body, secret)
    assert.equal(status, 402, path)
    assert.match(
      text,
      /tenant:named for \d{4}-\d\d-\d\d\[Europe\/Berlin\] is \$0: \$0 is spent and \$0 is held .* begins anew at \d{4}-\d\d-\d\dT2[23]:00:00\.000Z/,
      path,
    )
  }
})
