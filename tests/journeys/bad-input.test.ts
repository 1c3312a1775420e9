/** Requests that are wrong in themselves: each is refused with what is wrong and how to mend it, and nothing is held. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { openStage, quietSettings } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, readRecords } from '#tests/journeys/records.ts'
import { chatTable, generateTable, user } from '#tests/journeys/wrong-requests.ts'
import type { Wrong } from '#tests/journeys/wrong-requests.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'

const settings = `${quietSettings}
access: {require_key: true}
server: {body_bytes_max: 20000, body_depth_max: 20}
`
let stage: ProviderStage
let key: string
before(async () => {
  stage = await openStage(settings, { ADMIN_API_KEY: adminKey })
  key = (await makeKey(stage.house, { tenant_id: 'acme' })).secret
  stage.play(goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8'))
})
after(() => stage.close())

interface Refusal {
  readonly code: string
  readonly message: string
  readonly param?: string | null
  readonly mend?: string
  readonly nearest?: readonly string[]
  readonly type?: string
  readonly request_id?: string
}

async function refusalOf(path: string, { body, headers }: Wrong, status: number): Promise<Refusal> {
  const response = await stage.house.post(path, body, { ...bearer(key), ...headers })
  const answer = (await response.json()) as { readonly error: Refusal }
  assert.equal(response.status, status, JSON.stringify(answer))
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
  assert.match(response.headers.get('x-request-id') ?? '', /^\S{8,}$/)
  return answer.error
}

describe('POST /v1/generate refuses', () => {
  for (const path of ['/v1/generate', '/v1/generate/stream']) {
    for (const wrong of generateTable) {
      it(`${wrong.name} (${path})`, async () => {
        const error = await refusalOf(path, wrong, wrong.status)
        assert.equal(error.code, wrong.code)
        if (wrong.param) assert.equal(error.param, wrong.param)
        assert.ok(error.mend && error.request_id)
        assert.match(`${error.message} ${error.mend} ${error.nearest?.join(', ') ?? ''}`, wrong.says)
      })
    }
  }
})

describe('POST /v1/chat/completions refuses', () => {
  for (const wrong of chatTable) {
    it(wrong.name, async () => {
      const error = await refusalOf('/v1/chat/completions', wrong, wrong.status)
      assert.equal(error.code, wrong.code)
      if (wrong.param) assert.equal(error.param, wrong.param)
      assert.equal(error.type, 'invalid_request_error')
      assert.match(error.message, wrong.says)
      assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type'])
    })
  }

  it('no field that it does not know: that one is ignored', async () => {
    const body = { model: 'talking-gpt', messages: user('x'), some_future_field: { a: 1 } }
    const response = await stage.house.post('/v1/chat/completions', body, bearer(key))
    assert.equal(response.status, 200, await response.text())
  })
})

describe('after all of it', () => {
  it('nothing was spent and nothing is held, and a good request works', async () => {
    const response = await stage.house.post(
      '/v1/generate',
      { prompt: 'x', model: 'talking-gpt' },
      bearer(key),
    )
    assert.equal(response.status, 200, await response.text())
    await assertNothingHeld(stage.house, bearer(adminKey))
    const { rows } = readRecords(stage.house.dataDir)
    const paid = rows.filter(({ cost_nano_usd: cost }) => cost > 0)
    assert.equal(paid.length, rows.filter(({ kind }) => kind === 'charge').length)
  })
})
