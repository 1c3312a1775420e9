/** Callers who may not: wrong keys, too few rights, used-up limits and budgets, each told so and each leaving nothing held. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import OpenAI from 'openai'
import { adminKey, bearer, makeKey, revokeKey } from '#tests/journeys/key-ring.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { openStage, quietSettings } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, endingRow, readRecords, rowsOf } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'

const settings = `${quietSettings}
access: {require_key: true}
budget:
  limits:
    - {scope: tenant, id: poor-tenant, limit: "0.00005"}
    - {scope: user, id: poor-user, limit: "0.00005"}
    - {scope: key, tenant: poor-keys, limit: "0.00005"}
`
const recording = goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8')

let stage: ProviderStage
before(async () => {
  stage = await openStage(settings, { ADMIN_API_KEY: adminKey })
  stage.play(recording)
})
after(() => stage.close())

interface Refusal {
  readonly code: string
  readonly message: string
  readonly mend: string
  readonly request_id: string
  readonly facts?: Readonly<Record<string, unknown>>
}

const question = { prompt: 'What is it?', model: 'talking-gpt', max_tokens: 100 }
const ask = (key: string, more: object = {}) =>
  stage.house.post('/v1/generate', { ...question, ...more }, key === '' ? {} : bearer(key))

async function refused(response: Response, status: number, code: string): Promise<Refusal> {
  const answer = (await response.json()) as { readonly error: Refusal }
  assert.equal(response.status, status, JSON.stringify(answer))
  assert.equal(answer.error.code, code)
  assert.notEqual(answer.error.mend, '')
  return answer.error
}

/** The same refusal as the official client sees it. */
async function clientRefused(key: string, status: number, code: string): Promise<void> {
  const client = new OpenAI({ baseURL: `${stage.house.address}/v1`, apiKey: key, maxRetries: 0 })
  const asked = client.chat.completions.create({
    model: 'talking-gpt',
    max_completion_tokens: 100,
    messages: [{ role: 'user', content: 'What is it?' }],
  })
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof OpenAI.APIError)
    assert.equal(error.status, status)
    assert.equal(error.code, code)
    return true
  })
}

describe('a key that is', () => {
  it('missing', async () => {
    const response = await ask('')
    assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/)
    const error = await refused(response, 401, 'missing_key')
    assert.match(error.mend, /Authorization: Bearer/)
  })

  for (const wrong of ['sbk_wrong', 'anything', `${adminKey}x`]) {
    it(`wrong: ${wrong}`, async () => {
      await refused(await ask(wrong), 401, 'invalid_key')
      await clientRefused(wrong, 401, 'invalid_api_key')
    })
  }

  it('a good one with its last letter changed', async () => {
    const { secret } = await makeKey(stage.house, {})
    const last = secret.endsWith('A') ? 'B' : 'A'
    await refused(await ask(secret.slice(0, -1) + last), 401, 'invalid_key')
  })

  it('revoked, at once', async () => {
    const { id, secret } = await makeKey(stage.house, {})
    assert.equal((await ask(secret)).status, 200)
    await revokeKey(stage.house, id)
    await refused(await ask(secret), 401, 'revoked_key')
  })

  it('expired, as soon as its time has come', async () => {
    const expiresAtS = Math.floor(Date.now() / 1_000) + 2
    const { secret } = await makeKey(stage.house, { expires_at: expiresAtS })
    await eventually(async () => {
      await refused(await ask(secret), 401, 'expired_key')
    })
    assert.ok(Date.now() >= expiresAtS * 1_000)
  })

  it('without the permission', async () => {
    const { secret } = await makeKey(stage.house, { permissions: ['inference'] })
    for (const path of ['/admin/v1/usage', '/admin/v1/keys', '/metrics', '/health/detailed']) {
      const error = await refused(await stage.house.get(path, bearer(secret)), 403, 'not_permitted')
      assert.ok(['admin', 'metrics'].includes(String(error.facts?.['permission'])))
    }
    const reader = await makeKey(stage.house, { permissions: ['admin'] })
    await refused(await ask(reader.secret), 403, 'not_permitted')
  })

  it('not allowed this model, under any of its names', async () => {
    const { secret } = await makeKey(stage.house, { allowed_models: ['some-claude'] })
    for (const model of ['talking-gpt', 'openai/talking-gpt', 'old-gpt', 'openai/talking-gpt-2026']) {
      await refused(await ask(secret, { model }), 403, 'model_not_permitted')
    }
    await refused(await ask(secret, { model: 'some-claude', images: ['x:y'] }), 400, 'invalid_media')
  })
})

describe('a key whose limit is used up', () => {
  it('of requests', async () => {
    const { secret } = await makeKey(stage.house, { limits: { requests_per_minute: 1 } })
    const first = await ask(secret)
    assert.equal(first.headers.get('x-ratelimit-limit-requests'), '1')
    assert.equal(first.headers.get('x-ratelimit-remaining-requests'), '0')
    const second = await ask(secret)
    assert.ok(Number(second.headers.get('retry-after')) >= 1)
    const error = await refused(second, 429, 'rate_limited')
    assert.match(error.message, /1 requests per minute/)
    assert.equal((await endingRow(stage.house, error.request_id)).problem, 'rate_limited')
    await clientRefused(secret, 429, 'rate_limit_exceeded')
  })

  it('of tokens', async () => {
    const { secret } = await makeKey(stage.house, { limits: { tokens_per_minute: 300 } })
    const isRefused = async () => (await ask(secret, { max_tokens: 200 })).status === 429
    assert.equal(await isRefused(), false)
    const error = await refused(await ask(secret, { max_tokens: 290 }), 429, 'rate_limited')
    assert.match(error.message, /300 tokens per minute/)
  })

  it('of requests at once, until one of them is over', async () => {
    const { secret } = await makeKey(stage.house, { limits: { concurrent_requests: 1 } })
    const gate = Promise.withResolvers<void>()
    stage.play({ recording, beforeHead: () => gate.promise })
    const running = ask(secret)
    await eventually(() => assert.equal(stage.received().length, 1))
    const error = await refused(await ask(secret), 429, 'too_many_concurrent')
    assert.match(error.message, /1 requests running at once/)
    gate.resolve()
    assert.equal((await running).status, 200)
    stage.play(recording)
    await eventually(async () => assert.equal((await ask(secret)).status, 200))
  })
})

describe('a budget that does not cover the request', () => {
  for (const [whose, key, body, scope] of [
    ['user', { tenant_id: 'acme' }, { user_id: 'poor-user' }, /^user:acme\/poor-user$/],
    ['tenant', { tenant_id: 'poor-tenant' }, {}, /^tenant:poor-tenant$/],
    ['key', { tenant_id: 'poor-keys' }, {}, /^key:poor-keys\/\w+$/],
    [
      'user of a key',
      { tenant_id: 'acme', user_id: 'poor-user' },
      { user_id: 'rich' },
      /^user:acme\/poor-user$/,
    ],
  ] as const) {
    it(`of a ${whose}`, async () => {
      const { secret } = await makeKey(stage.house, key)
      const callsBefore = stage.received().length
      const error = await refused(await ask(secret, body), 402, 'budget_exceeded')
      assert.match(String(error.facts?.['scope']), scope)
      assert.equal(error.facts?.['limit_usd'], '0.00005')
      assert.match(error.message, /is \$0\.00005/)
      assert.match(String(error.facts['resets_at']), /^\d{4}-\d\d-01T00:00:00/)
      assert.equal(stage.received().length, callsBefore, 'nobody was asked')
      const [row, more] = await rowsOf(stage.house, error.request_id)
      assert.equal(more, undefined)
      assert.equal(row?.kind, 'refused')
      assert.equal(row.cost_nano_usd, 0)
      if (whose !== 'user') await clientRefused(secret, 402, 'insufficient_quota')
    })
  }

  it('of the request itself', async () => {
    const { secret } = await makeKey(stage.house, {})
    const error = await refused(await ask(secret, { max_cost_usd: 0.00001 }), 402, 'request_cost_exceeded')
    assert.match(error.mend, /max_cost_usd/)
    assert.equal((await ask(secret, { max_cost_usd: 1 })).status, 200)
  })
})

describe('after all of them', () => {
  it('nothing is held, and a good key still gets its answer', async () => {
    const { secret } = await makeKey(stage.house, {})
    assert.equal((await ask(secret)).status, 200)
    await assertNothingHeld(stage.house, bearer(adminKey))
    const { spentNanoUsd } = readRecords(stage.house.dataDir)
    for (const scope of ['tenant:poor-tenant', 'user:acme/poor-user'])
      assert.equal(spentNanoUsd.get(scope) ?? 0, 0)
  })
})
