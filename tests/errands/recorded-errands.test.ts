/** What providers really answered, through the doors and over real sockets, as the official clients read it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { CohereClient } from 'cohere-ai'
import OpenAI from 'openai'
import { asArray, asObject } from '#core/domain/json.ts'
import type { Dialect } from '#core/domain/chat.ts'
import { readRecords } from '#tests/journeys/records.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { readErrandsDirectory, readGoldenErrands, wholeBody } from '#tests/support/errand-recordings.ts'
import type { ErrandRecording } from '#tests/support/errand-recordings.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const directory = process.env['RECORDINGS_DIR']
const recordings = directory === undefined ? readGoldenErrands() : readErrandsDirectory(directory)

let provider: ReplayingProvider
let house: RunningHouse
let playing: ErrandRecording | undefined

before(async () => {
  provider = await startReplayingProvider({
    recording: () => playing && { reply: { ...playing.reply, body: wholeBody(playing) } },
  })
  house = await startHouse({
    yaml: `cache: {enabled: false}
analytics: {flush_ms: 10}
pricing: {unknown_model: ceiling}
resilience: {attempts_per_target: 1, breaker: {minimum_requests: 1000000}}
providers:
  openai: {base_url: "${provider.baseUrl('openai-chat')}"}
  anthropic: {base_url: "${provider.baseUrl('anthropic-messages')}"}
  google: {base_url: "${provider.baseUrl('gemini-generate')}"}
  cohere: {base_url: "${provider.baseUrl('cohere-chat')}"}
`,
    environment: {
      OPENAI_API_KEY: 'sk-openai',
      ANTHROPIC_API_KEY: 'sk-anthropic',
      GEMINI_API_KEY: 'google-key',
      COHERE_API_KEY: 'cohere-key',
    },
  })
})

after(async () => {
  try {
    await eventually(() => assert.equal(readRecords(house.dataDir).heldNanoUsd.size, 0))
  } finally {
    await house.close()
    await provider.close()
  }
})

const openai = () => new OpenAI({ baseURL: `${house.address}/v1`, apiKey: 'any', maxRetries: 0 })
const anthropic = () => new Anthropic({ baseURL: house.address, apiKey: 'any', maxRetries: 0 })
const google = () => new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: house.address } })
const cohere = () => new CohereClient({ token: 'any', environment: house.address })

const models: Readonly<Record<Dialect, string>> = {
  'openai-chat': 'text-embedding-3-small',
  'openai-responses': 'gpt-6-luna',
  'anthropic-messages': 'claude-opus-5-5',
  'gemini-generate': 'gemini-embedding-2',
  'cohere-chat': 'embed-v4.0',
}

/** What the official client of the recording's own API makes of it. */
async function heard(recording: ErrandRecording): Promise<unknown> {
  const { kind, dialect, expect } = recording
  const count = expect.outcome === 'vectors' ? expect.count : 1
  const texts = Array.from({ length: count }, (_, at) => `text ${at}`)
  if (kind === 'count-tokens') return countHeard(dialect)
  if (kind === 'rerank') {
    const documents = Array.from({ length: 6 }, (_, at) => `document ${at}`)
    const { results } = await cohere().v2.rerank(
      { model: 'rerank-v3.5', query: 'q', documents },
      { maxRetries: 0 },
    )
    return results.map(({ index, relevanceScore }) => ({ index, score: relevanceScore }))
  }
  if (dialect === 'openai-chat') return openaiHeard(recording, texts)
  if (dialect === 'gemini-generate') {
    const contents = texts.map((text) => ({ parts: [{ text }] }))
    const { embeddings } = await google().models.embedContent({ model: models[dialect], contents })
    return embeddings?.map(({ values }) => values)
  }
  const { embeddings } = await cohere().v2.embed(
    { model: models[dialect], texts, inputType: 'search_document', embeddingTypes: ['float'] },
    { maxRetries: 0 },
  )
  return embeddings.float
}

async function openaiHeard({ request }: ErrandRecording, input: string[]): Promise<unknown> {
  const isBase64 = asObject(request?.body)?.['encoding_format'] === 'base64'
  const { data } = await openai().embeddings.create({
    model: models['openai-chat'],
    input,
    // Unless it is told otherwise, this client asks for base64, which a recording of numbers is then turned into.
    ...(isBase64 ? {} : { encoding_format: 'float' as const }),
  })
  return data.map(({ embedding }) => embedding)
}

async function countHeard(dialect: Dialect): Promise<number | undefined> {
  if (dialect === 'anthropic-messages') {
    const messages = [{ role: 'user' as const, content: 'Hello' }]
    return (await anthropic().messages.countTokens({ model: models[dialect], messages })).input_tokens
  }
  if (dialect === 'gemini-generate') {
    return (await google().models.countTokens({ model: 'gemini-2.5-flash', contents: 'Hello' })).totalTokens
  }
  return (await openai().responses.inputTokens.count({ model: models[dialect], input: 'Hello' })).input_tokens
}

/** Vectors as the recording holds them; text of floats only the client takes apart. */
function recordedVectors(recording: ErrandRecording): unknown {
  const body = asObject(wholeBody(recording))
  const entries = [...asArray(body?.['data']), ...asArray(body?.['embeddings']), body?.['embedding']]
  const lists = entries.flatMap((entry) => {
    const members = asObject(entry)
    const vector = members?.['embedding'] ?? members?.['values']
    return vector === undefined ? [] : [vector]
  })
  return lists.length > 0 ? lists : asObject(body?.['embeddings'])?.['float']
}

/** Eight-bit numbers as text, which the client of OpenAI does not read. */
const isReadable = ({ provider: name }: ErrandRecording) => name !== 'perplexity'

/** The single form of an embedding is of an address that the client does not call. */
const isOfBatch = ({ reply }: ErrandRecording) => asObject(reply.body)?.['embedding'] === undefined

describe('the official clients hear what providers said', () => {
  for (const recording of recordings.filter(isReadable).filter(isOfBatch)) {
    it(recording.name, async () => {
      playing = recording
      const { expect } = recording
      if (expect.outcome === 'error') {
        await assert.rejects(heard(recording), (failure: { status?: number; statusCode?: number }) => {
          const status = failure.status ?? failure.statusCode ?? 0
          assert.ok(status >= 400, `status ${status}`)
          return true
        })
        return
      }
      const result = await heard(recording)
      if (expect.outcome === 'count') assert.equal(result, expect.inputTokens)
      else if (expect.outcome === 'ranking') assert.deepEqual(result, expect.results)
      else assertVectors(recording, asArray(result) as ReadonlyArray<readonly number[]>)
    })
  }

  it('numbers that were recorded come as base64 to who asks for that', async () => {
    playing = recordings.find(({ dialect, request, expect }) => {
      const isPlain = asObject(request?.body)?.['encoding_format'] === undefined
      return dialect === 'openai-chat' && isPlain && expect.outcome === 'vectors'
    })
    assert.ok(playing?.expect.outcome === 'vectors')
    const input = Array.from({ length: playing.expect.count }, () => 'x')
    const { data } = await openai().embeddings.create({ model: models['openai-chat'], input })
    const numbers = asArray(recordedVectors(playing)) as unknown as ReadonlyArray<readonly number[]>
    assert.deepEqual(
      data.map(({ embedding }) => embedding),
      numbers.map((vector) => vector.map(Math.fround)),
    )
  })
})

function assertVectors(recording: ErrandRecording, vectors: ReadonlyArray<readonly number[]>): void {
  const { expect } = recording
  assert.ok(expect.outcome === 'vectors')
  assert.equal(vectors.length, expect.count)
  for (const vector of vectors) assert.equal(vector.length, expect.dimensions)
  const recorded = asArray(recordedVectors(recording))
  if (typeof recorded[0] !== 'string') assert.deepEqual(vectors, recorded)
}
