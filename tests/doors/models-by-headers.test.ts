/** GET /v1/models answers in the form of the client that asks. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { adminKey, makeKey } from '#tests/journeys/key-ring.ts'
import { openStage, quietSettings } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { clientOf } from './anthropic-client.ts'

let stage: ProviderStage
let client: Anthropic
let key: string
before(async () => {
  stage = await openStage(`${quietSettings}\naccess: {require_key: true}\n`, { ADMIN_API_KEY: adminKey })
  key = (await makeKey(stage.house, { tenant_id: 'acme' })).secret
  client = clientOf(stage.house.address, { apiKey: key })
})
after(() => stage.close())

async function allIds(limit: number): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const { id } of client.models.list({ limit })) ids.push(id)
  return ids
}

describe("Anthropic's client", () => {
  it('reads every model, whatever the size of its pages', async () => {
    const ids = await allIds(1_000)
    for (const model of ['some-claude', 'some-gemini', 'talking-gpt', 'thinking-gpt', 'some-command']) {
      assert.ok(ids.includes(model), model)
    }
    assert.equal(new Set(ids).size, ids.length)
    assert.deepEqual(await allIds(2), ids)
  })

  it('turns pages in both directions', async () => {
    const ids = await allIds(1_000)
    const last = await client.models.list({ limit: 2, before_id: ids[3] ?? '' })
    assert.deepEqual(
      last.data.map(({ id }) => id),
      ids.slice(1, 3),
    )
    assert.equal(last.has_more, true)
    assert.equal(last.first_id, ids[1])
    assert.equal(last.last_id, ids[2])
    const first = await client.models.list({ limit: 3, before_id: ids[1] ?? '' })
    assert.deepEqual([first.data.length, first.has_more], [1, false])
  })

  it('reads one model, by any of its names', async () => {
    for (const name of ['some-gemini', 'google/some-gemini']) {
      const model = await client.models.retrieve(name)
      assert.equal(model.id, 'some-gemini')
      assert.equal(model.type, 'model')
      assert.equal(model.max_tokens, 100_000)
      assert.equal(model.max_input_tokens, 1_000_000)
      assert.equal(model.lifecycle, 'active')
      assert.ok(!Number.isNaN(Date.parse(model.created_at)))
      assert.equal(model.capabilities?.pdf_input.supported, true)
    }
  })

  it('hears of what is not there, and of pages that are none, in its own form', async () => {
    const isMissing = (thrown: unknown) =>
      thrown instanceof Anthropic.NotFoundError && thrown.type === 'not_found_error'
    await assert.rejects(client.models.retrieve('some-gemino'), isMissing)
    const isWrong = (thrown: unknown) =>
      thrown instanceof Anthropic.BadRequestError && thrown.type === 'invalid_request_error'
    for (const query of [
      { limit: 0 },
      { limit: 5_000 },
      { after_id: 'nobody' },
      { after_id: 'a', before_id: 'b' },
    ]) {
      await assert.rejects(async () => client.models.list(query), isWrong)
    }
    const stranger = clientOf(stage.house.address, { apiKey: 'wrong' })
    await assert.rejects(async () => stranger.models.list(), Anthropic.AuthenticationError)
  })
})

describe('everybody else', () => {
  it("gets OpenAI's form, errors too", async () => {
    const headers = { authorization: `Bearer ${key}` }
    const list = (await (await stage.house.get('/v1/models', headers)).json()) as { readonly object?: string }
    assert.equal(list.object, 'list')
    const missing = await stage.house.get('/v1/models/nobody', headers)
    const body = (await missing.json()) as { readonly error: { readonly code?: string } }
    assert.equal(missing.status, 404)
    assert.equal(body.error.code, 'model_not_found')
  })
})
