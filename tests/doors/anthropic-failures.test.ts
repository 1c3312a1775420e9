/** What goes wrong at the Messages API, as its official client hears it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import Anthropic, { APIError } from '@anthropic-ai/sdk'
import type { Dialect } from '#core/domain/chat.ts'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, openStage, quietSettings } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import { replyBytes } from '#tests/support/recording.ts'
import { clientOf } from './anthropic-client.ts'

let stage: ProviderStage
let client: Anthropic
before(async () => {
  stage = await openStage(`${quietSettings}\naccess: {require_key: true}\n`, { ADMIN_API_KEY: adminKey })
  client = clientWith((await makeKey(stage.house, { tenant_id: 'acme' })).secret)
})
after(async () => {
  await assertNothingHeld(stage.house, bearer(adminKey))
  await stage.close()
})

const clientWith = (apiKey: string) => clientOf(stage.house.address, { apiKey })

const wishTo = (dialect: Dialect) => ({
  model: askingOf(dialect).model,
  max_tokens: 2_000,
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
})

/** The error that a call ends with, in Anthropic's shape. */
async function errorOf(call: Promise<unknown>): Promise<APIError> {
  const thrown: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(thrown instanceof APIError, String(thrown))
  const body = thrown.error as { readonly type?: string; readonly request_id?: string }
  assert.equal(body.type, 'error')
  assert.equal(body.request_id, thrown.requestID)
  return thrown
}

describe('a refusal has the class and the type of its status', () => {
  it('401 for a key that is not known', async () => {
    const error = await errorOf(clientWith('wrong').messages.create(wishTo('anthropic-messages')))
    assert.ok(error instanceof Anthropic.AuthenticationError)
    assert.equal(error.type, 'authentication_error')
    assert.equal(error.errorCode, 'invalid_key')
  })

  it('404 for a model that is not known, with names that are near', async () => {
    const error = await errorOf(
      client.messages.create({ ...wishTo('anthropic-messages'), model: 'some-claud' }),
    )
    assert.ok(error instanceof Anthropic.NotFoundError)
    assert.equal(error.type, 'not_found_error')
    assert.match(error.message, /some-claude/)
  })

  it('400 for what the provider refuses', async () => {
    stage.play(
      goldenRecording(
        'anthropic-messages',
        'anthropic-chat-real-error-scenarios-anthropic-claude-haiku-4-5-han-a7abeca4',
      ),
    )
    const error = await errorOf(client.messages.create(wishTo('anthropic-messages')))
    assert.ok(error instanceof Anthropic.BadRequestError)
    assert.equal(error.type, 'invalid_request_error')
    assert.equal(error.errorCode, 'context_length_exceeded')
  })

  it('429 for a limit of the provider, with the time to wait', async () => {
    stage.play(goldenRecording('anthropic-messages', 'documented-anthropic-429-itpm'))
    const error = await errorOf(client.messages.create(wishTo('anthropic-messages')))
    assert.ok(error instanceof Anthropic.RateLimitError)
    assert.equal(error.type, 'rate_limit_error')
    assert.ok(Number(error.headers.get('retry-after')) > 0)
    assert.equal(error.headers.get('anthropic-ratelimit-input-tokens-limit'), null)
  })

  it("429 for a limit of this gateway's own, which its headers state before and then", async () => {
    const limits = { requests_per_minute: 1 }
    const { secret } = await makeKey(stage.house, { tenant_id: 'acme', limits })
    const limited = clientWith(secret)
    stage.play(goldenRecording('gemini-generate', 'google-google-model-max-tokens-525c4347'))
    const { response } = await limited.messages.create(wishTo('gemini-generate')).withResponse()
    assert.equal(response.headers.get('anthropic-ratelimit-requests-limit'), '1')
    assert.equal(response.headers.get('anthropic-ratelimit-requests-remaining'), '0')
    assert.match(
      response.headers.get('anthropic-ratelimit-requests-reset') ?? '',
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    )
    const error = await errorOf(limited.messages.create(wishTo('gemini-generate')))
    assert.equal(error.type, 'rate_limit_error')
    assert.ok(Number(error.headers?.get('retry-after')) > 0)
    assert.equal(error.headers?.get('anthropic-ratelimit-requests-remaining'), '0')
  })

  it('500 for a provider that fails, and 529 for one that is overloaded', async () => {
    const recording = goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8')
    stage.play({ recording, status: 500 })
    const failed = await errorOf(client.messages.create(wishTo('openai-chat')))
    assert.equal(failed.status, 500)
    assert.equal(failed.type, 'api_error')
    stage.play(goldenRecording('gemini-generate', 'documented-google-503'))
    const overloaded = await errorOf(client.messages.create(wishTo('gemini-generate')))
    assert.equal(overloaded.status, 529)
    assert.equal(overloaded.type, 'overloaded_error')
  })
})

const cutStreams: readonly (readonly [Dialect, string, number])[] = [
  ['openai-chat', 'azure-chat-async-streaming-80128189', 0.5],
  ['openai-responses', 'openai-openai-instructions-with-responses-logprobs-streaming-432ec895', 0.4],
  ['anthropic-messages', 'anthropic-anthropic-prompt-caching-stream-legacy-6d81cc9f', 0.6],
  ['gemini-generate', 'google-google-model-web-fetch-tool-stream-73c38cee', 0.7],
  ['cohere-chat', 'cohere-chat-function-calling-cohere-command-a-03-2025-can-use-t-77bd0fcb', 0.4],
]

describe('a stream that breaks off', () => {
  for (const [dialect, name, part] of cutStreams) {
    it(`throws at the client, and never ends as if it were whole: ${dialect}`, async () => {
      const recording = goldenRecording(dialect, name)
      const afterBytes = Math.floor(replyBytes(recording.reply).length * part)
      stage.play({ recording, cut: { afterBytes, how: 'fin' } })
      const types: string[] = []
      const reading = (async () => {
        const stream = await client.messages.create({ ...wishTo(dialect), stream: true })
        for await (const event of stream) types.push(event.type)
      })()
      const error = await errorOf(reading)
      assert.equal(error.status, undefined)
      assert.equal(error.type, 'api_error')
      assert.equal(error.errorCode, 'stream_cut')
      assert.equal(types[0], 'message_start')
      assert.ok(types.includes('content_block_delta'))
      assert.ok(!types.includes('message_stop'))
    })
  }

  it("tells of the provider's own failure in the middle by its own type", async () => {
    stage.play(goldenRecording('anthropic-messages', 'documented-anthropic-midstream-overloaded-after-text'))
    const stream = client.messages.stream(wishTo('anthropic-messages'))
    const error = await errorOf(stream.finalMessage())
    assert.equal(error.type, 'overloaded_error')
    assert.equal(error.errorCode, 'provider_overloaded')
  })
})

describe('a caller who leaves', () => {
  it('in the middle of a stream takes the provider along', async () => {
    const recording = goldenRecording('openai-chat', 'azure-chat-async-streaming-80128189')
    let isFirst = true
    stage.play({
      recording,
      chunkSizes: [1_200],
      beforeChunk: () => {
        if (!isFirst) return stage.received()[0]?.ending
        isFirst = false
        return undefined
      },
    })
    const stream = await client.messages.create({ ...wishTo('openai-chat'), stream: true })
    for await (const event of stream) if (event.type === 'content_block_delta') break
    const [request] = stage.received()
    assert.equal(await request?.ending, 'broken')
  })
})
