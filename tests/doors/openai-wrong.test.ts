/** Wrong requests at the doors of OpenAI's two APIs: each is refused in OpenAI's shape, by name, and no provider hears of it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, readRecords } from '#tests/journeys/records.ts'
import { wrongChatRequests } from './wrong-chat-requests.ts'
import type { WrongRequest } from './wrong-request.ts'
import { wrongResponsesRequests } from './wrong-responses-requests.ts'

let stage: ProviderStage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

interface OpenaiError {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string
}

const corpora: ReadonlyArray<readonly [path: string, requests: readonly WrongRequest[]]> = [
  ['/v1/responses', wrongResponsesRequests],
  ['/v1/chat/completions', wrongChatRequests],
]

for (const [path, requests] of corpora) {
  describe(`POST ${path} refuses`, () => {
    for (const wrong of requests) {
      for (const isStreamed of [false, true]) {
        if (isStreamed && (typeof wrong.body !== 'object' || wrong.param === 'stream')) continue
        it(`${wrong.name}${isStreamed ? ', streamed' : ''}`, async () => {
          const body = isStreamed ? { ...(wrong.body as object), stream: true } : wrong.body
          const response = await stage.house.post(path, body, wrong.headers)
          const { error } = (await response.json()) as { readonly error: OpenaiError }
          assert.equal(response.status, wrong.status, JSON.stringify(error))
          assert.deepEqual([error.code, error.param], [wrong.code, wrong.param], error.message)
          assert.equal(error.type, 'invalid_request_error')
          assert.match(error.message, wrong.says)
          assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type'])
          assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
          assert.equal(response.headers.get('x-should-retry'), 'false')
        })
      }
    }
  })
}

it('there are enough of them, and after all of it no provider was asked and nothing is held', async () => {
  for (const [, requests] of corpora) assert.ok(requests.length >= 60, `${requests.length} requests`)
  assert.equal(stage.received().length, 0)
  await assertNothingHeld(stage.house)
  const { rows } = readRecords(stage.house.dataDir)
  assert.deepEqual(
    rows.filter(({ kind }) => kind !== 'refused'),
    [],
  )
})
