/** Wrong requests at the Gemini door: each is refused in that API's shape, with where and how to mend it, and nothing is held. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { openStage, quietSettings } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import type { WrongGemini } from './wrong-gemini-form.ts'
import { wrongGeminiRequests } from './wrong-gemini-requests.ts'

const settings = `${quietSettings}
access: {require_key: true}
server: {body_bytes_max: 20000}
`
let stage: ProviderStage
let key: string
before(async () => {
  stage = await openStage(settings, { ADMIN_API_KEY: adminKey })
  key = (await makeKey(stage.house, { tenant_id: 'acme' })).secret
  stage.play(goldenRecording('gemini-generate', 'google-stop-settings-google-88d7b78a'))
})
after(() => stage.close())

interface Status {
  readonly code: number
  readonly message: string
  readonly status: string
  readonly details: ReadonlyArray<{
    readonly '@type': string
    readonly reason?: string
    readonly fieldViolations?: ReadonlyArray<{ readonly field: string }>
  }>
}

async function refusalOf({ path, body, headers }: WrongGemini): Promise<readonly [Response, Status]> {
  const at = path ?? '/v1beta/models/some-gemini:generateContent'
  const response = await stage.house.post(at, body, { 'x-goog-api-key': key, ...headers })
  return [response, ((await response.json()) as { readonly error: Status }).error]
}

describe('the Gemini door refuses', () => {
  it('at least sixty kinds of wrong requests, each told from the others', () => {
    assert.ok(wrongGeminiRequests.length >= 60)
    const names = new Set(wrongGeminiRequests.map(({ name }) => name))
    assert.equal(names.size, wrongGeminiRequests.length)
  })

  for (const wrong of wrongGeminiRequests) {
    it(wrong.name, async () => {
      const [response, error] = await refusalOf(wrong)
      assert.equal(response.status, wrong.status ?? 400, error.message)
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
      assert.equal(error.code, response.status)
      assert.equal(error.status, wrong.word ?? 'INVALID_ARGUMENT')
      assert.match(error.message, wrong.says)
      const detail = (name: string) => error.details.find((one) => one['@type'].endsWith(`.${name}`))
      assert.equal(detail('ErrorInfo')?.reason, wrong.reason)
      const requestId = response.headers.get('x-request-id') ?? ''
      assert.ok(requestId !== '' && !JSON.stringify(error).includes(requestId))
      if (wrong.field !== undefined) {
        assert.equal(detail('BadRequest')?.fieldViolations?.[0]?.field, wrong.field)
      }
    })
  }

  it('none of it at a provider, and holds nothing afterwards', async () => {
    assert.equal(stage.received().length, 0)
    await assertNothingHeld(stage.house, bearer(adminKey))
    const body = { contents: [{ parts: [{ text: 'Hello' }] }] }
    const [response] = await refusalOf({ name: '', body, reason: '', says: /x/ })
    assert.equal(response.status, 200)
  })
})
