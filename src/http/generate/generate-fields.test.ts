/** POST /v1/generate: every field that a request may have, and what it becomes. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { openFakeDoor, wholeReply } from '#tests/support/fake-door.ts'
import type { Answerer, FakeDoor } from '#tests/support/fake-door.ts'

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1]).toString(
  'base64',
)
const pdf = Buffer.from('%PDF-1.7\n%fake document').toString('base64')

interface Failure {
  readonly code: string
  readonly param?: string
  readonly mend: string
  readonly message: string
  readonly nearest?: readonly string[]
  readonly retryable: boolean
}

let fake: FakeDoor
let answer: Answerer
before(async () => {
  fake = await openFakeDoor((asked, caller) => answer(asked, caller))
})
after(() => fake.close())
beforeEach(() => {
  answer = (asked) => wholeReply(asked)
  fake.asked.length = 0
})

const ask = async (body: unknown, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fake.post('/v1/generate', body, headers)
  return { response, body: (await response.json()) as Record<string, unknown> & { error?: Failure } }
}
const lastParts = () => fake.asked[0]?.question.messages.at(-1)?.parts

describe('what a request may say', () => {
  test('a prompt is answered with its text, its cost and where it came from', async () => {
    const { response, body } = await ask({ prompt: 'Hi', user_id: 'u1', model: 'acme-1' })
    assert.equal(response.status, 200)
    assert.deepEqual(body, {
      id: response.headers.get('x-request-id'),
      response: 'Hello.',
      model: 'acme-1',
      provider: 'acme',
      usage: {
        input_tokens: 11,
        output_tokens: 7,
        total_tokens: 18,
        cached_input_tokens: 3,
        reasoning_tokens: null,
      },
      cost: 0.0000015,
      cost_nano_usd: 1500,
      cost_estimated: false,
      cached: false,
      routing: { route: 'explicit', reason: 'named by the caller', attempts: 1, rescues: 0 },
      latency_ms: 12.35,
      simulated: false,
      finish_reason: 'stop',
    })
    assert.equal(response.headers.get('x-signalbox-provider'), 'acme')
    assert.equal(response.headers.get('x-signalbox-model'), 'acme-1')
    assert.equal(response.headers.get('x-signalbox-cost-usd'), '0.0000015')
    assert.equal(response.headers.get('x-signalbox-cache'), 'miss')
    assert.equal(response.headers.get('x-signalbox-attempts'), '1')
    assert.equal(response.headers.get('x-signalbox-overhead-ms'), '0.50')
    assert.equal(response.headers.get('x-signalbox-route'), 'explicit')
    assert.equal(response.headers.get('x-signalbox-simulated'), null)
    const asked = fake.asked[0]
    assert.equal(asked?.door, 'generate')
    assert.equal(asked?.modelAsked, 'acme-1')
    assert.equal(asked?.userId, 'u1')
    assert.match(asked?.question.endUser ?? '', /^user_[0-9a-f]{32}$/)
  })

  test('every documented field reaches the corridor', async () => {
    await ask({
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Yes?' },
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      ],
      system: 'Be short.',
      user_id: 42,
      task_type: 'Code Generation',
      model: 'auto',
      fallbacks: ['acme-2'],
      max_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      stop: 'END',
      seed: 7,
      tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      response_format: 'json',
      reasoning_effort: 'low',
      quality: 'high',
      max_cost_usd: '0.05',
      cache: false,
      timeout_ms: 5000,
      metadata: { team: 'Blue Sky', run: 3 },
    })
    const asked = fake.asked[0]
    assert.ok(asked)
    const { question } = asked
    assert.deepEqual(
      question.messages.map(({ role }) => role),
      ['system', 'user', 'assistant', 'user'],
    )
    assert.equal(question.maxOutputTokens, 50)
    assert.equal(question.temperature, 0.5)
    assert.equal(question.topP, 0.9)
    assert.deepEqual(question.stopSequences, ['END'])
    assert.equal(question.seed, 7)
    assert.deepEqual(question.toolChoice, { mode: 'named', name: 'weather' })
    assert.deepEqual(question.responseFormat, { type: 'json' })
    assert.deepEqual(question.reasoning, { effort: 'low' })
    assert.equal(question.native, undefined)
    assert.equal(asked.userId, '42')
    assert.equal(asked.taskType, 'code')
    assert.equal(asked.quality, 0.9)
    assert.equal(asked.maxCostNanoUsd, 50_000_000)
    assert.equal(asked.cacheWish, 'off')
    assert.equal(asked.deadlineMs, 5000)
    assert.deepEqual(asked.fallbacks, ['acme-2'])
    assert.deepEqual(asked.tags, ['team=Blue Sky', 'run=3'])
  })

  test('headers carry wishes too, and the body wins', async () => {
    const headers = {
      'x-signalbox-cache': 'on',
      'x-signalbox-timeout-ms': '900',
      'x-signalbox-tags': 'a, b',
      'x-signalbox-task-type': 'QA',
      'x-signalbox-max-cost-usd': '1',
      'x-signalbox-quality': '0.25',
      'x-signalbox-fallbacks': 'one,two',
    }
    await ask({ prompt: 'Hi', cache: 'off' }, headers)
    const asked = fake.asked[0]
    assert.equal(asked?.cacheWish, 'off')
    assert.equal(asked?.deadlineMs, 900)
    assert.deepEqual(asked?.tags, ['a', 'b'])
    assert.equal(asked?.taskType, 'question_answering')
    assert.equal(asked?.maxCostNanoUsd, 1_000_000_000)
    assert.equal(asked?.quality, 0.25)
    assert.deepEqual(asked?.fallbacks, ['one', 'two'])
  })

  test('null is as good as leaving a field out', async () => {
    const { response } = await ask({ prompt: 'Hi', model: null, max_tokens: null, images: null })
    assert.equal(response.status, 200)
  })

  test('images come in each of their forms, before the text, with their true type', async () => {
    const { response } = await ask({
      prompt: 'What is it?',
      images: [
        `data:image/png;base64,${png}`,
        { url: `data:image/png;base64,${jpeg}` },
        { image_url: { url: 'https://pictures.example/cat.png', detail: 'low' } },
        `data:application/pdf;base64,${pdf}`,
        `data:image/bmp;base64,${png}`,
      ],
    })
    assert.equal(response.status, 200)
    assert.deepEqual(
      lastParts()?.map((part) => [part.type, 'mediaType' in part ? part.mediaType : undefined]),
      [
        ['image', 'image/png'],
        ['image', 'image/jpeg'],
        ['image', undefined],
        ['document', 'application/pdf'],
        ['image', 'image/png'],
        ['text', undefined],
      ],
    )
  })

  test('an image without words is a question, and images join the last user message', async () => {
    assert.equal((await ask({ prompt: ' ', images: [`data:image/png;base64,${png}`] })).response.status, 200)
    fake.asked.length = 0
    const messages = [
      { role: 'user', content: 'Look.' },
      { role: 'assistant', content: 'At what?' },
    ]
    await ask({ messages, images: [`data:image/png;base64,${png}`] })
    assert.deepEqual(
      fake.asked[0]?.question.messages[0]?.parts.map(({ type }) => type),
      ['image', 'text'],
    )
  })
})
