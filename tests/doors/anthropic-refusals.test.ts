/** What is wrong with a request to the Messages API is said in its own form, and nobody is asked. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { openStage, quietSettings } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, endingRow, readRecords } from '#tests/journeys/records.ts'
import { readGoldenRecordings, goldenRecording } from '#tests/support/golden-recordings.ts'
import { wrongMessages } from './wrong-anthropic-requests.ts'

const bodyBytesMax = 20_000
const settings = `${quietSettings}
access: {require_key: true}
server: {body_bytes_max: ${bodyBytesMax}, body_depth_max: 64}
`
let stage: ProviderStage
let key: string
before(async () => {
  stage = await openStage(settings, { ADMIN_API_KEY: adminKey })
  key = (await makeKey(stage.house, { tenant_id: 'acme' })).secret
  stage.play(goldenRecording('gemini-generate', 'google-google-model-max-tokens-525c4347'))
})
after(() => stage.close())

interface Refusal {
  readonly type: string
  readonly error: {
    readonly type: string
    readonly message: string
    readonly details: { readonly error_code: string; readonly param?: string }
  }
  readonly request_id: string
}

describe('POST /v1/messages refuses', () => {
  for (const wrong of wrongMessages) {
    it(wrong.name, async () => {
      const response = await stage.house.post('/v1/messages?beta=true', wrong.body, {
        'x-api-key': key,
        'anthropic-version': '2023-06-01',
        ...wrong.headers,
      })
      const refusal = (await response.json()) as Refusal
      const shown = JSON.stringify(refusal)
      assert.equal(response.status, wrong.status ?? 400, shown)
      assert.equal(refusal.type, 'error')
      assert.equal(refusal.error.type, wrong.type ?? 'invalid_request_error')
      assert.match(refusal.error.message, wrong.says)
      if (wrong.param) assert.equal(refusal.error.details.param, wrong.param, shown)
      assert.equal(response.headers.get('request-id'), refusal.request_id)
      assert.equal(response.headers.get('x-should-retry'), 'false')
    })
  }

  it('nobody was asked, nothing was spent, nothing is held, and a good request works', async () => {
    assert.equal(stage.received().length, 0)
    const body = { model: 'some-gemini', max_tokens: 50, messages: [{ role: 'user', content: 'x' }] }
    const response = await stage.house.post('/v1/messages', body, bearer(key))
    assert.equal(response.status, 200, await response.text())
    await assertNothingHeld(stage.house, bearer(adminKey))
    await endingRow(stage.house, response.headers.get('x-request-id'))
    const { rows } = readRecords(stage.house.dataDir)
    assert.equal(rows.filter(({ cost_nano_usd: cost }) => cost > 0).length, 1)
  })
})

describe('POST /v1/messages takes', () => {
  const recorded = readGoldenRecordings('anthropic-messages').filter(
    ({ expect, request }) =>
      expect.outcome === 'ok' && request !== undefined && JSON.stringify(request.body).length < bodyBytesMax,
  )
  for (const { name, request } of recorded) {
    it(`what Anthropic took: ${name}`, async () => {
      const body = { ...(request?.body as object), model: 'some-claude' }
      stage.play(goldenRecording('anthropic-messages', 'anthropic-anthropic-refusal-ef5ae06b'))
      const headers = Object.fromEntries(
        Object.entries(request?.headers ?? {}).filter(([header]) => header.startsWith('anthropic-')),
      )
      const response = await stage.house.post('/v1/messages', body, { ...bearer(key), ...headers })
      const text = await response.text()
      assert.doesNotMatch(text, /invalid_request_error/)
    })
  }
})
