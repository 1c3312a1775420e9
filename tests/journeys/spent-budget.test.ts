/** A budget that is spent, at every door: 402 in the caller's own dialect, with all that a program wants to know, and asked once. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { createAnthropic } from '@ai-sdk/anthropic'
import { createCohere } from '@ai-sdk/cohere'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { ApiError, GoogleGenAI } from '@google/genai'
import { ChatAnthropic } from '@langchain/anthropic'
import { ChatOpenAI } from '@langchain/openai'
import { APICallError, generateText } from 'ai'
import { CohereClient, CohereError } from 'cohere-ai'
import OpenAI from 'openai'
import { openErrandStage } from '#tests/errands/errand-stage.ts'
import type { ErrandStage } from '#tests/errands/errand-stage.ts'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'

let stage: ErrandStage
let secret = ''
/** What is spent, as the answer that was charged told it. */
let spentUsd = ''
let limitUsd = ''

before(async () => {
  stage = await openErrandStage({
    settings: `access: {require_key: true}
pricing: {overrides: [{model: omni-moderation-latest, input: "1", output: "0"}]}
`,
    environment: { ADMIN_API_KEY: adminKey },
  })
  secret = (await makeKey(stage.house, { tenant_id: 'poor' })).secret
  const asked = { model: 'text-embedding-3-small', input: 'Hello' }
  const { status, headers } = await stage.ask('/v1/embeddings', asked, bearer(secret))
  assert.equal(status, 200)
  spentUsd = headers.get('x-signalbox-cost-usd') ?? ''
  assert.ok(Number(spentUsd) > 0)
  limitUsd = spentUsd
  const budget = { scope: 'tenant', subject: 'poor', window: 'month', limit_usd: limitUsd }
  assert.equal((await stage.ask('/admin/v1/budgets', budget, bearer(adminKey))).status, 201)
})
after(() => stage.close())

const chat = 'gpt-5.4-mini'
const messages = [{ role: 'user', content: 'Hello' }] as const
const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }]
const documents = ['one', 'two']
const factsWanted = ['scope', 'window', 'limit_usd', 'spent_usd', 'held_usd', 'needed_usd', 'resets_at']

type Body = Readonly<Record<string, unknown>>
const member = (value: unknown, name: string) => (value as Body | undefined)?.[name]
const errorOf = (body: Body) => member(body, 'error') as Body

/** What an API's error says besides its message: the words of its own, and where the facts stand. */
const dialects = {
  signalbox: (body: Body) => {
    const { code, retryable } = errorOf(body)
    assert.deepEqual([code, retryable], ['budget_exceeded', false])
    return [errorOf(body)['message'], errorOf(body)['facts']]
  },
  openai: (body: Body) => {
    const { type, code, param } = errorOf(body)
    assert.deepEqual([type, code, param], ['insufficient_quota', 'insufficient_quota', null])
    return [errorOf(body)['message'], errorOf(body)['facts']]
  },
  anthropic: (body: Body) => {
    const details = errorOf(body)['details'] as Body
    assert.deepEqual(
      [body['type'], errorOf(body)['type'], details['error_code']],
      ['error', 'billing_error', 'budget_exceeded'],
    )
    return [errorOf(body)['message'], details['facts']]
  },
  gemini: (body: Body) => {
    const { code, status, details } = errorOf(body)
    assert.deepEqual([code, status], [402, 'RESOURCE_EXHAUSTED'])
    const [info] = details as readonly Body[]
    assert.deepEqual([info?.['reason'], info?.['domain']], ['BUDGET_EXCEEDED', 'signalbox'])
    return [errorOf(body)['message'], info?.['metadata']]
  },
  cohere: (body: Body) => {
    assert.equal(body['code'], 'budget_exceeded')
    return [body['message'], body['facts']]
  },
} as const satisfies Record<string, (body: Body) => readonly unknown[]>

const doors: ReadonlyArray<readonly [path: string, dialect: keyof typeof dialects, body: object]> = [
  ['/v1/generate', 'signalbox', { model: chat, prompt: 'Hello' }],
  ['/v1/generate/stream', 'signalbox', { model: chat, prompt: 'Hello' }],
  ['/v1/chat/completions', 'openai', { model: chat, messages }],
  ['/v1/chat/completions', 'openai', { model: chat, messages, stream: true }],
  ['/v1/responses', 'openai', { model: chat, input: 'Hello' }],
  ['/v1/responses', 'openai', { model: chat, input: 'Hello', stream: true }],
  ['/v1/embeddings', 'openai', { model: 'text-embedding-3-small', input: 'Hello' }],
  ['/v1/moderations', 'openai', { model: 'omni-moderation-latest', input: 'Hello' }],
  ['/v1/messages', 'anthropic', { model: 'claude-haiku-4-5', max_tokens: 100, messages }],
  ['/v1/messages', 'anthropic', { model: 'claude-haiku-4-5', max_tokens: 100, messages, stream: true }],
  [`/v1beta/models/${chat}:generateContent`, 'gemini', { contents }],
  [`/v1beta/models/${chat}:streamGenerateContent?alt=sse`, 'gemini', { contents }],
  ['/v1beta/models/gemini-embedding-001:embedContent', 'gemini', { content: contents[0] }],
  ['/v2/chat', 'cohere', { model: chat, messages }],
  ['/v2/chat', 'cohere', { model: chat, messages, stream: true }],
  [
    '/v2/embed',
    'cohere',
    { model: 'embed-v4.0', texts: ['Hello'], input_type: 'search_document', embedding_types: ['float'] },
  ],
  ['/v2/rerank', 'cohere', { model: 'rerank-v3.5', query: 'which', documents }],
]

describe('a spent budget is a 402', () => {
  for (const [path, dialect, body] of doors) {
    it(`at ${path}, in the manner of ${dialect}${'stream' in body ? ', streamed' : ''}`, async () => {
      const callsBefore = stage.double.received.length
      const response = await stage.house.post(path, body, bearer(secret))
      const told = (await response.json()) as Body
      assert.equal(response.status, 402, JSON.stringify(told))
      assert.equal(response.headers.get('x-should-retry'), 'false')
      for (const name of ['retry-after', 'retry-after-ms']) assert.equal(response.headers.get(name), null)
      const [message, facts] = dialects[dialect](told)
      assert.deepEqual(
        Object.keys(facts as Body).filter((name) => factsWanted.includes(name)),
        factsWanted,
      )
      const { scope, limit_usd: limit, spent_usd: spent, resets_at: resetsAt } = facts as Body
      assert.deepEqual([scope, limit, spent], ['tenant:poor', limitUsd, spentUsd])
      assert.match(String(resetsAt), /^\d{4}-\d\d-01T00:00:00\.000Z$/)
      for (const part of ['tenant:poor', `$${limitUsd}`, `$${spentUsd} is spent`, String(resetsAt)])
        assert.ok(String(message).includes(part), `${part} in: ${String(message)}`)
      assert.equal(stage.double.received.length, callsBefore, 'nobody was asked')
    })
  }
})

/** Each client as it comes out of its box, with the retries that it makes by itself. */
const clients: ReadonlyArray<
  readonly [name: string, ask: () => Promise<unknown>, check: (thrown: unknown) => void]
> = [
  ...(['chat', 'responses', 'embeddings', 'moderations'] as const).map(
    (what) => [`openai, ${what}`, () => askOpenai(what), checkOpenai] as const,
  ),
  [
    '@anthropic-ai/sdk',
    () => {
      const client = new Anthropic({ baseURL: stage.address, apiKey: secret })
      return client.messages.create({ model: 'claude-haiku-4-5', max_tokens: 100, messages: [...messages] })
    },
    (thrown) => {
      assert.ok(thrown instanceof Anthropic.APIError)
      assert.equal(thrown.status, 402)
      assert.equal(thrown.type, 'billing_error')
      assertFacts(member(member(member(thrown.error, 'error'), 'details'), 'facts'))
    },
  ],
  [
    '@google/genai',
    () => {
      const retryOptions = { attempts: 3 }
      const httpOptions = { baseUrl: stage.address, retryOptions }
      return new GoogleGenAI({ apiKey: secret, httpOptions }).models.generateContent({
        model: chat,
        contents,
      })
    },
    (thrown) => {
      assert.ok(thrown instanceof ApiError)
      assert.equal(thrown.status, 402)
      const error = errorOf(JSON.parse(thrown.message) as Body)
      assert.equal(error['status'], 'RESOURCE_EXHAUSTED')
      assertFacts((error['details'] as readonly Body[])[0]?.['metadata'])
    },
  ],
  ['cohere-ai, chat', () => cohere().v2.chat({ model: chat, messages: [...messages] }), checkCohere],
  [
    'cohere-ai, rerank',
    () => cohere().v2.rerank({ model: 'rerank-v3.5', query: 'q', documents }),
    checkCohere,
  ],
  ...(
    [
      ['openai', () => createOpenAI({ baseURL: `${stage.address}/v1`, apiKey: secret })(chat)],
      [
        'anthropic',
        () => createAnthropic({ baseURL: `${stage.address}/v1`, apiKey: secret })('claude-haiku-4-5'),
      ],
      [
        'google',
        () => createGoogleGenerativeAI({ baseURL: `${stage.address}/v1beta`, apiKey: secret })(chat),
      ],
      ['cohere', () => createCohere({ baseURL: `${stage.address}/v2`, apiKey: secret })(chat)],
    ] as const
  ).map(
    ([name, model]) =>
      [`@ai-sdk/${name}`, () => generateText({ model: model(), prompt: 'Hello' }), checkVercel] as const,
  ),
  [
    '@langchain/openai',
    () =>
      new ChatOpenAI({
        model: chat,
        apiKey: secret,
        configuration: { baseURL: `${stage.address}/v1` },
      }).invoke('Hello'),
    checkOpenai,
  ],
  [
    '@langchain/anthropic',
    () =>
      new ChatAnthropic({ model: 'claude-haiku-4-5', apiKey: secret, anthropicApiUrl: stage.address }).invoke(
        'Hello',
      ),
    (thrown) => assert.equal(member(thrown, 'status'), 402),
  ],
]

describe('the client', () => {
  for (const [name, ask, check] of clients) {
    it(`${name} asks once and reads the error`, async () => {
      const refusedBefore = await refusals()
      await assert.rejects(ask, (thrown) => {
        check(thrown)
        return true
      })
      assert.equal((await refusals()) - refusedBefore, 1, 'requests that were refused')
    })
  }
})

const cohere = () => new CohereClient({ token: secret, environment: stage.address })

function askOpenai(what: 'chat' | 'responses' | 'embeddings' | 'moderations'): Promise<unknown> {
  const client = new OpenAI({ baseURL: `${stage.address}/v1`, apiKey: secret })
  if (what === 'chat') return client.chat.completions.create({ model: chat, messages: [...messages] })
  if (what === 'responses') return client.responses.create({ model: chat, input: 'Hello' })
  if (what === 'embeddings')
    return client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hello' })
  return client.moderations.create({ model: 'omni-moderation-latest', input: 'Hello' })
}

function checkOpenai(thrown: unknown): void {
  assert.ok(thrown instanceof OpenAI.APIError, String(thrown))
  assert.deepEqual(
    [thrown.status, thrown.code, thrown.type],
    [402, 'insufficient_quota', 'insufficient_quota'],
  )
  assertFacts(member(thrown.error, 'facts'))
}

function checkCohere(thrown: unknown): void {
  assert.ok(thrown instanceof CohereError, String(thrown))
  assert.equal(thrown.statusCode, 402)
  assertFacts(member(thrown.body, 'facts'))
}

function checkVercel(thrown: unknown): void {
  assert.ok(APICallError.isInstance(thrown), String(thrown))
  assert.deepEqual([thrown.statusCode, thrown.isRetryable], [402, false])
  assert.match(thrown.message, /tenant:poor/)
}

function assertFacts(facts: unknown): void {
  assert.deepEqual(
    ['scope', 'limit_usd', 'spent_usd'].map((name) => member(facts, name)),
    ['tenant:poor', limitUsd, spentUsd],
  )
}

/** How many requests were refused for their budget so far. */
async function refusals(): Promise<number> {
  const text = await (await stage.house.get('/metrics', bearer(adminKey))).text()
  return Number(/^signalbox_refusals_total\{code="budget_exceeded"\} (\d+)$/m.exec(text)?.[1] ?? 0)
}
