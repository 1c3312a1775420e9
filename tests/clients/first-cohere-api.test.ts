/** LangChain's `ChatCohere` speaks the first version of Cohere's API, which is not served: it is told so at once. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { ChatCohere } from '@langchain/cohere'
import { CohereClient, CohereError } from 'cohere-ai'
import { openClientStage } from '#tests/clients/client-stage.ts'
import type { ClientStage } from '#tests/clients/client-stage.ts'

let stage: ClientStage
before(async () => {
  stage = await openClientStage()
})
after(() => stage.close())

type ChatCohereFields = NonNullable<ConstructorParameters<typeof ChatCohere>[0]>

it('a client of the first version gets 404, and no provider is asked', async () => {
  stage.play()
  const client = new CohereClient({ token: stage.apiKey, environment: stage.address })
  // The package brings an older client of its own, whose type differs.
  const fields = { model: 'some-command', client, maxRetries: 0 } as unknown as ChatCohereFields
  await assert.rejects(new ChatCohere(fields).invoke('Is line 7 free?'), (thrown) => {
    assert.ok(thrown instanceof CohereError)
    assert.equal(thrown.statusCode, 404)
    assert.match(thrown.message, /nothing at this address/)
    return true
  })
  assert.equal(stage.received().length, 0)
})
