/** Failures and leaving readers at the Gemini door, as Google's official client meets them. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { ApiError, GoogleGenAI } from '@google/genai'
import type { GenerateContentParameters } from '@google/genai'

import type { Dialect } from '#core/domain/chat.ts'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, openStage, quietSettings, recordingsOf } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, readRecords } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'
import { replyBytes } from '#tests/support/recording.ts'

let stage: ProviderStage
let key: string
let ai: GoogleGenAI
before(async () => {
  stage = await openStage(`${quietSettings}\naccess: {require_key: true}\n`, { ADMIN_API_KEY: adminKey })
  key = (await makeKey(stage.house, { tenant_id: 'acme' })).secret
  ai = clientWith(key)
})
after(async () => {
  await assertNothingHeld(stage.house, bearer(adminKey))
  await stage.close()
})

const clientWith = (apiKey: string) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: stage.house.address } })

type Wish = Partial<GenerateContentParameters>
const wishTo = (dialect: Dialect, wish: Wish): GenerateContentParameters => ({
  model: askingOf(dialect).model,
  contents: 'Say hello.',
  ...wish,
})
const ask = (dialect: Dialect, wish: Wish = {}) => ai.models.generateContent(wishTo(dialect, wish))

const plainStream = (dialect: Dialect): Recording => {
  const found = recordingsOf(askingOf(dialect)).find(
    ({ expect, reply }) =>
      reply.stream !== undefined &&
      expect.outcome === 'ok' &&
      (expect.text ?? '').length > 100 &&
      (expect.toolCalls ?? []).length === 0,
  )
  assert.ok(found)
  return found
}

/** What the client says of a failure. */
async function failureOf(doing: Promise<unknown>): Promise<ApiError> {
  try {
    await doing
  } catch (thrown) {
    assert.ok(thrown instanceof ApiError, String(thrown))
    return thrown
  }
  return assert.fail('it succeeded')
}
const errorIn = ({ message }: ApiError) =>
  (JSON.parse(message.slice(message.indexOf('{'))) as { readonly error: Readonly<Record<string, unknown>> })
    .error

describe('a key', () => {
  const body = { contents: [{ parts: [{ text: 'Hello' }] }] }
  const path = '/v1beta/models/some-gemini:generateContent'

  it('that is wrong or missing is told as the API tells it', async () => {
    stage.play(plainStream('gemini-generate'))
    const wrong = await failureOf(clientWith('sbx_nobody').models.generateContent(wishTo('openai-chat', {})))
    assert.equal(wrong.status, 400)
    assert.equal(errorIn(wrong)['status'], 'INVALID_ARGUMENT')
    assert.match(wrong.message, /API_KEY_INVALID/)
    const missing = await stage.house.post(path, body)
    assert.equal(missing.status, 403)
    assert.match(await missing.text(), /PERMISSION_DENIED.*/)
    assert.equal(stage.received().length, 0)
  })

  it('in the address counts here alone, and is written down nowhere', async () => {
    stage.play(goldenRecording('gemini-generate', 'google-stop-settings-google-88d7b78a'))
    const good = await stage.house.post(`${path}?key=${key}`, body)
    assert.equal(good.status, 200, await good.text())
    const received = JSON.stringify(stage.received().map(({ path: at, headers }) => [at, headers]))
    const unknown = await stage.house.post(`${path.replace('some-gemini', 'nobody')}?key=${key}`, body)
    const wrong = await stage.house.post(`${path}?key=sbx_canary`, body)
    const elsewhere = await stage.house.post(`/v1/chat/completions?key=${key}`, {})
    assert.deepEqual([unknown.status, wrong.status, elsewhere.status], [404, 400, 401])
    const metrics = await stage.house.get('/metrics', bearer(adminKey))
    const texts = [received, await unknown.text(), await wrong.text(), await elsewhere.text()]
    texts.push(await metrics.text(), stage.house.logLines.join('\n'))
    texts.push(JSON.stringify(readRecords(stage.house.dataDir).rows))
    for (const text of texts) assert.ok(!text.includes(key) && !text.includes('sbx_canary'))
  })
})

describe('a failure', () => {
  it('has the status and the word that the API gives it', async () => {
    const table = [
      ['openai-chat', 'documented-openai-429-tpm', 429, 'RESOURCE_EXHAUSTED'],
      ['gemini-generate', 'documented-google-503', 503, 'UNAVAILABLE'],
      ['anthropic-messages', 'documented-anthropic-529', 503, 'UNAVAILABLE'],
    ] as const
    for (const [dialect, name, status, word] of table) {
      stage.play(goldenRecording(dialect, name))
      const failure = await failureOf(ask(dialect))
      assert.deepEqual([failure.status, errorIn(failure)['status']], [status, word])
    }
    stage.play({ recording: plainStream('anthropic-messages'), status: 500 })
    const failure = await failureOf(ask('anthropic-messages'))
    assert.deepEqual([failure.status, errorIn(failure)['status']], [500, 'INTERNAL'])
  })

  it('says how long to wait', async () => {
    stage.play({
      recording: goldenRecording('openai-chat', 'documented-openai-429-tpm'),
      headers: { 'retry-after': '7' },
    })
    const { details } = errorIn(await failureOf(ask('openai-chat')))
    const found = (details as readonly { readonly retryDelay?: string }[]).find(
      ({ retryDelay }) => retryDelay,
    )
    assert.equal(found?.retryDelay, '7s')
  })

  it('of an unknown model names the nearest', async () => {
    const failure = await failureOf(ask('openai-chat', { model: 'talking-gtp' }))
    assert.equal(failure.status, 404)
    assert.match(String(errorIn(failure)['message']), /talking-gpt/)
  })

  it('in mid-stream is an error for the client, never a short answer', async () => {
    for (const dialect of ['openai-chat', 'anthropic-messages', 'gemini-generate'] as const) {
      const recording = plainStream(dialect)
      const { length } = replyBytes(recording.reply)
      for (const how of ['clean', 'fin', 'rst'] as const) {
        stage.play({ recording, cut: { afterBytes: Math.floor(length * 0.6), how }, chunkSizes: [40] })
        const failure = await failureOf(
          (async () => {
            for await (const _ of await ai.models.generateContentStream(wishTo(dialect, {})));
          })(),
        )
        assert.equal(errorIn(failure)['status'], 'UNAVAILABLE', `${dialect} ${how}`)
      }
      stage.play({ recording, cut: { afterBytes: Math.floor(length * 0.6), how: 'clean' }, chunkSizes: [40] })
      const response = await stage.house.post(
        `/v1/models/${askingOf(dialect).model}:streamGenerateContent`,
        {
          contents: [{ parts: [{ text: 'x' }] }],
        },
        { 'x-goog-api-key': key },
      )
      const elements = (await response.json()) as readonly { readonly error?: { readonly code: number } }[]
      assert.equal(elements.at(-1)?.error?.code, 503)
    }
  })
})

describe('a reader who leaves', () => {
  it('in mid-stream stops the provider', async () => {
    const recording = plainStream('anthropic-messages')
    let isLeft = false
    const left = Promise.withResolvers<undefined>()
    stage.play({
      recording,
      chunkSizes: [50],
      beforeChunk: () => (isLeft ? left.promise : sleep(5)),
    })
    const leaving = new AbortController()
    const config = { abortSignal: leaving.signal }
    await assert.rejects(async () => {
      for await (const _ of await ai.models.generateContentStream(wishTo('anthropic-messages', { config }))) {
        isLeft = true
        leaving.abort()
      }
    })
    const [request] = stage.received()
    assert.equal(await request?.ending, 'broken')
    left.resolve(undefined)
    await assertNothingHeld(stage.house, bearer(adminKey))
  })
})
