/** Requests that are sent again under a key, over real sockets and a real Redis: one call, one bill, one charge. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import OpenAI from 'openai'
import {
  askingOf,
  askings,
  catalogueFile,
  expectedCost,
  openStage,
  quietSettings,
  recordingsOf,
} from '#tests/journeys/provider-stage.ts'
import type { Asking, ProviderStage } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { openErrandStage } from '#tests/errands/errand-stage.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { readFileBooks, readSharedBooks } from '#tests/money/money-books.ts'
import { questionAddress } from '#tests/support/door-surfaces.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const chat = askingOf('openai-chat')
const recordingOf = (asking: Asking, isStreamed: boolean) => {
  const found = recordingsOf(asking).find(
    ({ reply, expect }) =>
      (reply.stream !== undefined) === isStreamed && expect.outcome === 'ok' && expect.text && expect.usage,
  )
  assert.ok(found?.expect.usage)
  const { usage } = found.expect
  // As long as what the provider counts, so that the hold covers its bill.
  const prompt = 'Hello '.repeat(usage.inputTokens)
  return {
    recording: found,
    costNanoUsd: expectedCost(asking, found, usage),
    prompt,
    outputTokens: Math.max(16, usage.outputTokens),
  }
}

const sharedSettings = (providerUrl: string, redisUrl: string, keptMs: number) => `
${soonWritten}${quietSettings}
providers: {openai: {base_url: "${providerUrl}"}}
catalog: {file: ${catalogueFile}}
storage: {redis: {url: "${redisUrl}", key_prefix: once, command_timeout_ms: 5000}}
idempotency: {answers_kept_ms: ${keptMs}, answers_handed_ms: 0}
`

for (const keptMs of [0, 60_000]) {
  const how = keptMs === 0 ? 'no answers kept' : 'answers kept'
  describe(`two instances that share Redis, ${how}`, { skip: whyNoRedis() ?? false }, () => shareKeys(keptMs))
}

function shareKeys(keptMs: number): void {
  const { recording, costNanoUsd, prompt, outputTokens } = recordingOf(chat, false)
  let redis: RealRedis
  let provider: ReplayingProvider
  let houses: readonly RunningHouse[]
  before(async () => {
    redis = await startRedis()
    provider = await startReplayingProvider({ recording: () => recording })
    const yaml = sharedSettings(provider.baseUrl('openai-chat'), redis.url, keptMs)
    const environment = {
      OPENAI_API_KEY: chat.key,
      KEY_PEPPER: randomBytes(32).toString('base64'),
    }
    houses = await Promise.all([startHouse({ yaml, environment }), startHouse({ yaml, environment })])
  })
  after(async () => {
    for (const house of houses) await house.close()
    await provider.close()
    await redis.stop()
  })

  const ask = async (position: number, key: string) => {
    const house = houses[position % houses.length]
    assert.ok(house)
    const question = { prompt, model: chat.model, max_tokens: outputTokens }
    const headers = { 'idempotency-key': key, 'x-request-id': 'mine' }
    const response = await house.post('/v1/generate', question, headers)
    const body = (await response.json()) as { readonly error?: { readonly code: string } }
    const cost = Number(response.headers.get('x-signalbox-cost-usd') ?? 0)
    return { status: response.status, body, costNanoUsd: Math.round(cost * 1e9) }
  }

  test('a hundred at once under one key cost once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, position) => ask(position, 'stampede')))
    assert.equal(provider.requests.length, 1)
    const answered = answers.filter(({ status }) => status === 200)
    assert.equal(
      answered.reduce((sum, answer) => sum + answer.costNanoUsd, 0),
      costNanoUsd,
    )
    // Without kept answers only those are answered who came, at the same instance, while the call ran.
    if (keptMs === 0) assert.ok(answered.length >= 1 && answered.length <= 50, `${answered.length}`)
    else assert.equal(answered.length, 100)
    for (const { status, body } of answers) {
      if (status !== 200) assert.deepEqual([status, body.error?.code], [409, 'already_completed'])
    }
    await eventually(async () => {
      const dataDirs = houses.map(({ dataDir }) => dataDir)
      const books = await readSharedBooks(redis.url, 'once', dataDirs)
      assert.equal(assertMoney(books, { bills: [{ mark: 'mine', costNanoUsd }] }).exact, 1)
      assert.equal(books.rows.length, 100)
    })
  })

  test('later, and at the other instance, it still costs nothing more', async () => {
    const asked = provider.requests.length
    for (const position of [0, 1]) {
      const { status, costNanoUsd: cost } = await ask(position, 'stampede')
      assert.deepEqual([status, cost], [keptMs === 0 ? 409 : 200, 0])
    }
    assert.equal(provider.requests.length, asked)
    assert.equal((await ask(0, 'another key')).status, 200)
    assert.equal(provider.requests.length, asked + 1)
  })

  test('nothing of a question or an answer stands in Redis', async () => {
    const { Redis } = await import('ioredis')
    const client = new Redis(redis.url)
    try {
      const found = await client.keys('{once:idempotency:*')
      assert.ok(found.length >= 2)
      const values = await Promise.all(
        found.map(async (key) => (key.endsWith(':answer') ? client.get(key) : client.hgetall(key))),
      )
      const everything = JSON.stringify(values)
      const said = recording.expect.text?.slice(0, 20)
      assert.ok(said)
      assert.ok(
        !everything.includes('Hello') && !everything.includes(said) && !everything.includes('stampede'),
      )
    } finally {
      client.disconnect()
    }
  })
}

describe('one instance', () => {
  let stage: ProviderStage
  before(async () => {
    stage = await openStage()
  })
  after(() => stage.close())

  const bodyOf = ({ dialect, model }: Asking, prompt: string): object => {
    const messages = [{ role: 'user', content: prompt }]
    switch (dialect) {
      case 'openai-chat':
        return { model, messages, stream: true, stream_options: { include_usage: true } }
      case 'openai-responses':
        return { model, input: prompt, stream: true }
      case 'anthropic-messages':
        return { model, messages, max_tokens: 500, stream: true }
      case 'gemini-generate':
        return { contents: [{ role: 'user', parts: [{ text: prompt }] }] }
      case 'cohere-chat':
        return { model, messages, stream: true }
    }
  }
  const pathOf = ({ dialect, model }: Asking) =>
    dialect === 'gemini-generate'
      ? `/v1beta/models/${model}:streamGenerateContent?alt=sse`
      : questionAddress(dialect, true).path

  for (const asking of askings) {
    test(`${asking.dialect}: three read one stream, and it is charged once`, async () => {
      const { recording, costNanoUsd, prompt } = recordingOf(asking, true)
      const mark = `stream-${asking.dialect}`
      stage.play({ recording, chunkSizes: [64] })
      const headers = { 'idempotency-key': mark, 'x-request-id': mark }
      const responses = await Promise.all(
        [1, 2, 3].map(() => stage.house.post(pathOf(asking), bodyOf(asking, prompt), headers)),
      )
      const texts = await Promise.all(responses.map((response) => response.text()))
      assert.deepEqual(
        responses.map(({ status }) => status),
        [200, 200, 200],
      )
      assert.equal(stage.received().length, 1)
      for (const text of texts) assert.equal(withoutIds(text), withoutIds(texts[0] ?? ''))
      assert.equal(responses.filter(({ headers: own }) => own.has('x-signalbox-repeat-of')).length, 2)
      await eventually(() => {
        const books = readFileBooks(stage.house.dataDir)
        const rows = books.rows.filter(({ request_id }) => request_id.startsWith(mark))
        assert.deepEqual(rows.map(({ kind }) => kind).toSorted(), ['cached', 'cached', 'charge'])
        const own = { ...books, rows, counters: [] }
        assert.equal(assertMoney(own, { bills: [{ mark, costNanoUsd }] }).exact, 1)
      })
    })
  }

  const clientWith = (maxRetries: number) =>
    new OpenAI({ baseURL: `${stage.house.address}/v1`, apiKey: 'callers-own-text', maxRetries })
  const question = { model: chat.model, messages: [{ role: 'user' as const, content: 'Hello' }] }

  test('an official client that tries again after a failure gets its answer under the same key', async () => {
    const { recording } = recordingOf(chat, false)
    stage.play({ recording, status: 503 }, recording)
    const answer = await clientWith(2).chat.completions.create(question, {
      headers: { 'Idempotency-Key': 'tried twice' },
    })
    assert.equal(answer.choices[0]?.message.content, recording.expect.text)
    assert.equal(stage.received().length, 2)
  })

  test('an official client does not try again what was answered already, and tells what it cost', async () => {
    const { recording } = recordingOf(chat, false)
    stage.play(recording)
    const options = { headers: { 'Idempotency-Key': 'answered' } }
    await clientWith(0).chat.completions.create(question, options)
    await assert.rejects(clientWith(2).chat.completions.create(question, options), (thrown) => {
      assert.ok(thrown instanceof OpenAI.ConflictError)
      assert.equal(thrown.code, 'already_completed')
      assert.match(thrown.message, /cost \$0\.0\d+/)
      return true
    })
    assert.equal(stage.received().length, 1)
    const other = clientWith(2).chat.completions.create({ ...question, temperature: 0 }, options)
    await assert.rejects(other, OpenAI.UnprocessableEntityError)
  })

  test('without a key each call is a new one, whatever the client counts of its retries', async () => {
    const { recording } = recordingOf(chat, false)
    stage.play(recording)
    for (const retries of ['0', '1']) {
      await clientWith(0).chat.completions.create(question, {
        headers: { 'x-stainless-retry-count': retries },
      })
    }
    assert.equal(stage.received().length, 2)
  })
})

test('vectors that are asked for three times at once under one key are charged once', async () => {
  const errands = await openErrandStage()
  try {
    const body = { model: 'text-embedding-3-small', input: 'Hello' }
    const asked = [1, 2, 3].map(() => errands.ask('/v1/embeddings', body, { 'idempotency-key': 'vectors' }))
    const told = await Promise.all(asked)
    assert.deepEqual(
      told.map(({ status }) => status),
      [200, 200, 200],
    )
    assert.deepEqual(told[1]?.body, told[0]?.body)
    assert.equal(errands.double.received.length, 1)
    await eventually(() => {
      const { rows } = readFileBooks(errands.house.dataDir)
      assert.deepEqual(rows.map(({ kind }) => kind).toSorted(), ['cached', 'cached', 'charge'])
    })
    await errands.assertSettled()
  } finally {
    await errands.close()
  }
})

/** Streams of several readers differ in the ids of their requests alone. */
const withoutIds = (text: string) => text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'id')
