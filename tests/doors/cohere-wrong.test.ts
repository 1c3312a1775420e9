/** Wrong requests at the Cohere door: each is refused in Cohere's own shape, by name, and no provider hears of it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, readRecords } from '#tests/journeys/records.ts'
import { wrongCohereRequests } from './wrong-cohere-requests.ts'

let stage: ProviderStage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

interface CohereError {
  readonly id: string
  readonly message: string
  readonly code: string
  readonly param?: string
}

describe('POST /v2/chat refuses', () => {
  for (const isStreamed of [false, true]) {
    for (const wrong of wrongCohereRequests) {
      if (isStreamed && typeof wrong.body !== 'object') continue
      it(`${wrong.name}${isStreamed ? ', streamed' : ''}`, async () => {
        const body = isStreamed ? { stream: true, ...(wrong.body as object) } : wrong.body
        const response = await stage.house.post('/v2/chat', body, wrong.headers)
        const error = (await response.json()) as CohereError
        assert.equal(response.status, wrong.status, JSON.stringify(error))
        assert.equal(error.code, wrong.code)
        assert.equal(error.param, wrong.param)
        assert.match(error.message, wrong.says)
        assert.equal(error.id, response.headers.get('x-request-id'))
        assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
        assert.equal(response.headers.get('x-should-retry'), 'false')
      })
    }
  }
})

it('there are enough of them, and after all of it no provider was asked and nothing is held', async () => {
  assert.ok(wrongCohereRequests.length >= 60, `${wrongCohereRequests.length} requests`)
  assert.equal(stage.received().length, 0)
  await assertNothingHeld(stage.house)
  const { rows } = readRecords(stage.house.dataDir)
  assert.deepEqual(
    rows.filter(({ kind }) => kind !== 'refused'),
    [],
  )
})
