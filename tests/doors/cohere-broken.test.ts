/** What goes wrong at the Cohere door, as Cohere's official client hears it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { Cohere, CohereClientV2, CohereError } from 'cohere-ai'

import { asObject } from '#core/domain/json.ts'
import type { Dialect } from '#core/domain/chat.ts'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, openStage, quietSettings } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import { replyBytes } from '#tests/support/recording.ts'
import { gatherMessage } from './cohere-message.ts'

let stage: ProviderStage
let client: CohereClientV2
before(async () => {
  stage = await openStage(`${quietSettings}\naccess: {require_key: true}\n`, { ADMIN_API_KEY: adminKey })
  const { secret } = await makeKey(stage.house, { tenant_id: 'acme' })
  client = clientWith(secret)
})
after(async () => {
  await assertNothingHeld(stage.house, bearer(adminKey))
  await stage.close()
})

const clientWith = (token: string) =>
  new CohereClientV2({ token, environment: stage.house.address, maxRetries: 0 })

const wishTo = (dialect: Dialect) => ({
  model: askingOf(dialect).model,
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
})

/** The error that a call is refused with, in Cohere's shape. */
async function refusal(call: Promise<unknown>): Promise<CohereError> {
  const thrown: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(thrown instanceof CohereError, String(thrown))
  const body = asObject(thrown.body)
  assert.equal(typeof body?.['message'], 'string')
  assert.equal(body?.['id'], thrown.rawResponse?.headers.get('x-request-id'))
  return thrown
}

describe('a refusal has the class of its status', () => {
  it('401 for a key that is not known', async () => {
    const error = await refusal(clientWith('wrong').chat(wishTo('cohere-chat')))
    assert.ok(error instanceof Cohere.UnauthorizedError)
  })

  it('404 for a model that is not known, with names that are near', async () => {
    const error = await refusal(client.chat({ ...wishTo('cohere-chat'), model: 'some-comand' }))
    assert.ok(error instanceof Cohere.NotFoundError)
    assert.match(error.message, /some-command/)
  })

  it('400 for what is wrong in the request', async () => {
    const error = await refusal(client.chat({ ...wishTo('cohere-chat'), p: 2 }))
    assert.ok(error instanceof Cohere.BadRequestError)
    assert.equal(asObject(error.body)?.['param'], 'p')
  })

  it('400 for what the provider finds wrong, and 429 where it limits, with the time to wait', async () => {
    stage.play(
      goldenRecording(
        'anthropic-messages',
        'anthropic-chat-real-error-scenarios-anthropic-claude-haiku-4-5-han-a7abeca4',
      ),
    )
    assert.equal((await refusal(client.chat(wishTo('anthropic-messages')))).statusCode, 400)
    stage.play(goldenRecording('anthropic-messages', 'documented-anthropic-429-itpm'))
    const limited = await refusal(client.chat(wishTo('anthropic-messages')))
    assert.ok(limited instanceof Cohere.TooManyRequestsError)
    assert.match(limited.rawResponse?.headers.get('retry-after') ?? '', /^\d+$/)
  })

  it('503 and 502 where the provider fails, streamed or whole', async () => {
    stage.play(goldenRecording('gemini-generate', 'documented-google-503'))
    const busy = await refusal(client.chatStream(wishTo('gemini-generate')))
    assert.ok(busy instanceof Cohere.ServiceUnavailableError)
    const failing = goldenRecording('cohere-chat', 'cohere-stop-settings-cohere-73899248')
    stage.play({ recording: failing, status: 500 })
    assert.equal((await refusal(client.chat(wishTo('cohere-chat')))).statusCode, 502)
  })

  it("422 for citations in Cohere's form of a model that is not Cohere's", async () => {
    stage.play(goldenRecording('cohere-chat', 'cohere-stop-settings-cohere-73899248'))
    const citationOptions = { mode: 'ACCURATE' } as const
    await client.chat({ ...wishTo('cohere-chat'), citationOptions })
    const error = await refusal(client.chat({ ...wishTo('openai-chat'), citationOptions }))
    assert.ok(error instanceof Cohere.UnprocessableEntityError)
    assert.match(error.message, /only Cohere/)
    await client.chat({ ...wishTo('cohere-chat'), citationOptions: { mode: 'OFF' } })
  })
})

const streams = [
  ['openai-chat', 'openai-openai-moderation-stream-abb9b384'],
  ['openai-responses', 'openai-openai-responses-phase-streamed-on-part-start-3e9873a7'],
  ['anthropic-messages', 'anthropic-chat-with-extended-thinking-anthropic-claude-haiku-4-5-s-28578ca9'],
  ['gemini-generate', 'google-chat-gemini-token-accounting-correctly-sums-candidatesto-5c837769'],
  ['cohere-chat', 'cohere-astream-fe6b6eee'],
] as const satisfies ReadonlyArray<readonly [Dialect, string]>

describe('a stream that breaks ends as an error', () => {
  for (const [dialect, name] of streams) {
    it(`when ${dialect} cuts it`, async () => {
      const recording = goldenRecording(dialect, name)
      const afterBytes = Math.floor(replyBytes(recording.reply).length / 2)
      stage.play({ recording, cut: { afterBytes, how: 'rst' } })
      const gathering = gatherMessage()
      for await (const event of await client.chatStream(wishTo(dialect))) gathering.add(event)
      assert.match(gathering.fault() ?? '', /\w/)
      assert.equal(gathering.message().finish, 'ERROR')
      assert.ok(recording.expect.text?.startsWith(gathering.text()))
    })
  }

  it('when the provider says so in the middle', async () => {
    const recording = goldenRecording(
      'anthropic-messages',
      'documented-anthropic-midstream-overloaded-after-text',
    )
    const words = Buffer.from(replyBytes(recording.reply)).indexOf('event: error')
    const { promise, resolve } = Promise.withResolvers<undefined>()
    stage.play({
      recording,
      chunkSizes: [words],
      beforeChunk: (written) => (written > 0 ? promise : undefined),
    })
    const gathering = gatherMessage()
    for await (const event of await client.chatStream(wishTo('anthropic-messages'))) {
      gathering.add(event)
      // The words have come; now the provider may fail.
      if (event.type === 'content-delta') resolve(undefined)
    }
    assert.match(gathering.fault() ?? '', /Overloaded/)
    assert.equal(gathering.message().finish, 'ERROR')
    assert.notEqual(gathering.text(), '')
  })
})

describe('a caller who leaves', () => {
  for (const [dialect, name] of streams) {
    it(`is no longer answered by ${dialect}`, async () => {
      const recording = goldenRecording(dialect, name)
      const half = Math.floor(replyBytes(recording.reply).length / 2)
      const { promise: never } = Promise.withResolvers<undefined>()
      stage.play({
        recording,
        chunkSizes: [half],
        beforeChunk: (written) => (written > 0 ? never : undefined),
      })
      const leaving = new AbortController()
      const stream = await client.chatStream(wishTo(dialect), { abortSignal: leaving.signal })
      await assert.rejects(async () => {
        for await (const event of stream) if (event.type !== 'message-start') leaving.abort()
      })
      assert.equal(await stage.received().at(-1)?.ending, 'broken')
    })
  }
})
