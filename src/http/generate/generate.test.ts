/** POST /v1/generate over real sockets: what it accepts, what it refuses and how it says so. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { ChatEvent } from '#core/domain/answer.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Reply } from '#core/gateway/asked.ts'
import {
  goodKey,
  openFakeDoor,
  receiptOf,
  streamReply,
  textEvents,
  usage,
  wholeReply,
} from '#tests/support/fake-door.ts'
import type { Answerer, FakeDoor, FlowWatch } from '#tests/support/fake-door.ts'

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
const refusal = async (body: unknown, headers: Readonly<Record<string, string>> = {}) => {
  const { response, body: answered } = await ask(body, headers)
  assert.ok(answered.error, JSON.stringify(answered))
  return { status: response.status, ...answered.error }
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
      routing: { route: 'explicit', reason: 'named by the caller', attempts: 1 },
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

describe('what is refused', () => {
  const cases: ReadonlyArray<readonly [string, unknown, string, string | undefined]> = [
    ['text that is not JSON', '{"prompt": "Hi",}', 'invalid_json', undefined],
    ['an empty body', '', 'invalid_json', undefined],
    ['an array', '[1]', 'invalid_json', undefined],
    ['no prompt', {}, 'missing_field', 'prompt'],
    ['an empty prompt', { prompt: '' }, 'empty_prompt', 'prompt'],
    ['a blank prompt', { prompt: ' \n' }, 'empty_prompt', 'prompt'],
    [
      'prompt and messages',
      { prompt: 'a', messages: [{ role: 'user', content: 'b' }] },
      'invalid_value',
      'messages',
    ],
    ['no messages', { messages: [] }, 'invalid_value', 'messages'],
    ['a prompt that is a number', { prompt: 7 }, 'invalid_value', 'prompt'],
    ['an unknown field', { prompt: 'a', max_token: 5 }, 'unknown_field', 'max_token'],
    [
      'a field written twice',
      '{"prompt":"a","max_tokens":1,"max_tokens":100000}',
      'duplicate_field',
      'max_tokens',
    ],
    ['a negative limit', { prompt: 'a', max_tokens: -1 }, 'invalid_value', 'max_tokens'],
    ['a limit of zero', { prompt: 'a', max_tokens: 0 }, 'invalid_value', 'max_tokens'],
    ['half a token', { prompt: 'a', max_tokens: 1.5 }, 'invalid_value', 'max_tokens'],
    ['a limit in words', { prompt: 'a', max_tokens: 'many' }, 'invalid_value', 'max_tokens'],
    ['a limit past all numbers', '{"prompt":"a","max_tokens":1e999}', 'invalid_value', 'max_tokens'],
    ['a temperature of 3', { prompt: 'a', temperature: 3 }, 'invalid_value', 'temperature'],
    [
      'a task type nobody knows',
      { prompt: 'a', task_type: 'sumarization' },
      'unknown_task_type',
      'task_type',
    ],
    ['a user that is a list', { prompt: 'a', user_id: ['x'] }, 'invalid_value', 'user_id'],
    ['an empty user', { prompt: 'a', user_id: '' }, 'invalid_value', 'user_id'],
    ['a price below zero', { prompt: 'a', max_cost_usd: -1 }, 'invalid_value', 'max_cost_usd'],
    ['a price in words', { prompt: 'a', max_cost_usd: 'cheap' }, 'invalid_value', 'max_cost_usd'],
    ['a quality above 1', { prompt: 'a', quality: 2 }, 'invalid_value', 'quality'],
    ['images that are no list', { prompt: 'a', images: 'x' }, 'invalid_value', 'images'],
    ['an image that is no address', { prompt: 'a', images: ['x'] }, 'invalid_media', 'images[0]'],
    ['a file address', { prompt: 'a', images: ['file:///etc/passwd'] }, 'invalid_media', 'images[0]'],
    [
      'an address with a password',
      { prompt: 'a', images: ['https://u:p@x.example/'] },
      'invalid_media',
      'images[0]',
    ],
    [
      'a data URL without base64',
      { prompt: 'a', images: ['data:image/png,abc'] },
      'invalid_media',
      'images[0]',
    ],
    ['broken base64', { prompt: 'a', images: ['data:image/png;base64,@@@'] }, 'invalid_media', 'images[0]'],
    ['an empty image', { prompt: 'a', images: ['data:image/png;base64,'] }, 'invalid_media', 'images[0]'],
    [
      'a PNG that is none',
      { prompt: 'a', images: ['data:image/png;base64,aGVsbG8gd29ybGQ='] },
      'invalid_media',
      'images[0]',
    ],
    [
      'an SVG',
      { prompt: 'a', images: ['data:image/svg+xml;base64,PHN2Zy8+'] },
      'unsupported_media_type',
      'images[0]',
    ],
    ['a tool choice without tools', { prompt: 'a', tool_choice: 'required' }, 'invalid_value', 'tool_choice'],
    [
      'a role nobody has',
      { messages: [{ role: 'robot', content: 'a' }] },
      'invalid_value',
      'messages[0].role',
    ],
    ['a message without content', { messages: [{ role: 'user' }] }, 'missing_field', 'messages[0].content'],
    [
      'a text part without text',
      { messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'missing_field',
      'messages[0].content[0].text',
    ],
    [
      'too deep a body',
      `{"prompt":"a","metadata":${'['.repeat(100)}${']'.repeat(100)}}`,
      'body_too_deep',
      undefined,
    ],
    ['a prototype', '{"prompt":"a","__proto__":{"model":"x"}}', 'invalid_value', '__proto__'],
    ['a tag with a comma', { prompt: 'a', metadata: { a: 'b,c' } }, 'invalid_value', 'metadata'],
  ]
  for (const [name, body, code, param] of cases) {
    test(`${name}: ${code}`, async () => {
      const failure = await refusal(body)
      assert.equal(failure.code, code, failure.message)
      assert.equal(failure.param, param)
      assert.ok(failure.message.length > 10)
      assert.ok(failure.mend.length > 10)
      assert.equal(failure.retryable, false)
      assert.equal(failure.status, 400)
      assert.equal(fake.asked.length, 0)
    })
  }

  test('a mistyped field or task type is answered with the nearest ones', async () => {
    assert.deepEqual((await refusal({ prompt: 'a', promt: 'b' })).nearest, ['prompt'])
    assert.equal((await refusal({ prompt: 'a', max_token: 1 })).nearest?.[0], 'max_tokens')
    assert.equal((await refusal({ prompt: 'a', task_type: 'sumarisation' })).nearest?.[0], 'summarization')
  })

  test('the position of a fault in JSON is named', async () => {
    const failure = await refusal('{\n  "prompt": "Hi",\n  oops\n}')
    assert.match(failure.message, /line 3, column 3/)
  })

  test('anything but JSON is refused by its content type', async () => {
    for (const contentType of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const failure = await refusal({ prompt: 'Hi' }, { 'content-type': contentType })
      assert.equal(failure.code, 'unsupported_content_type')
      assert.equal(failure.status, 415)
    }
    const compressed = await refusal({ prompt: 'Hi' }, { 'content-encoding': 'gzip' })
    assert.equal(compressed.code, 'unsupported_content_type')
    const withCharset = await ask({ prompt: 'Hi' }, { 'content-type': 'application/json; charset=utf-8' })
    assert.equal(withCharset.response.status, 200)
  })

  test('a body over the limit is refused, stated or not, and the answer arrives', async () => {
    const large = JSON.stringify({ prompt: 'a'.repeat(5_000_000) })
    const stated = await refusal(large)
    assert.equal(stated.code, 'body_too_large')
    assert.equal(stated.status, 413)
    const chunks = new Blob([large]).stream()
    const response = await fetch(`${fake.url}/v1/generate`, {
      method: 'POST',
      body: chunks,
      duplex: 'half',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${goodKey}` },
    })
    assert.equal(response.status, 413)
    assert.equal(((await response.json()) as { error: Failure }).error.code, 'body_too_large')
  })

  test('headers with wrong wishes are named', async () => {
    for (const [name, value] of [
      ['x-signalbox-cache', 'maybe'],
      ['x-signalbox-timeout-ms', '-5'],
      ['x-signalbox-max-cost-usd', 'x'],
      ['x-signalbox-quality', '7'],
      ['x-signalbox-fallbacks', 'a,b,c,d,e,f,g,h,i'],
    ] as const) {
      const failure = await refusal({ prompt: 'Hi' }, { [name]: value })
      assert.equal(failure.code, 'invalid_value')
      assert.equal(failure.param, name)
    }
  })

  test('what the corridor refuses is passed on with its advice and its time to wait', async () => {
    answer = () => {
      throw new Problem('rate_limited', { retryAfterMs: 1_234, facts: { limit: 5 } })
    }
    const { response, body } = await ask({ prompt: 'Hi' })
    assert.equal(response.status, 429)
    assert.equal(response.headers.get('retry-after'), '2')
    assert.equal(response.headers.get('retry-after-ms'), '1234')
    assert.equal(response.headers.get('x-should-retry'), 'true')
    assert.equal(body.error?.retryable, true)
    answer = () => {
      throw new Problem('model_not_found', { param: 'model', nearest: ['acme-1'] })
    }
    const missing = await refusal({ prompt: 'Hi', model: 'acme-l' })
    assert.equal(missing.status, 404)
    assert.deepEqual(missing.nearest, ['acme-1'])
  })
})

describe('streams', () => {
  const stream = (headers: Readonly<Record<string, string>> = {}, path = '/v1/generate/stream') =>
    fake.post(path, { prompt: 'Hi', stream: true }, headers)

  test('bare text comes as text', async () => {
    answer = (asked) => streamReply(asked, textEvents('Hel', 'lo ', 'w\u00f6rld'))
    const response = await stream()
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/)
    assert.equal(response.headers.get('x-signalbox-model'), 'acme-1')
    assert.equal(response.headers.get('x-signalbox-cost-usd'), null)
    assert.equal(await response.text(), 'Hello w\u00f6rld')
    assert.equal(fake.asked[0]?.door, 'generate-stream')
    assert.equal(fake.asked[0]?.question.isStreamed, true)
  })

  test('stream: true on /v1/generate streams as well, also when the answer is known whole', async () => {
    answer = (asked) => wholeReply(asked, 'All at once.')
    assert.equal(await (await stream({}, '/v1/generate')).text(), 'All at once.')
  })

  test('a question that is not streamed gets a whole answer from a stream', async () => {
    answer = (asked) => streamReply(asked, textEvents('a', 'b'))
    const { body } = await ask({ prompt: 'Hi' })
    assert.equal(body['response'], 'ab')
  })

  test('typed events start once, tell everything and end with done', async () => {
    const call: readonly ChatEvent[] = [
      { type: 'reasoning-delta', choice: 0, text: 'hm' },
      { type: 'tool-call-start', choice: 0, call: 0, id: 'c1', name: 'weather', kind: 'function' },
      { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '{"x":1}' },
    ]
    const [start = [], first = [], last = []] = textEvents('Hi')
    answer = (asked) => streamReply(asked, [start, first, call, last])
    const response = await stream({ accept: 'text/event-stream' })
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    const events = framesOf(await response.text())
    assert.deepEqual(
      events.map(({ name }) => name),
      ['start', 'delta', 'reasoning', 'tool_call', 'tool_call', 'usage', 'done'],
    )
    assert.deepEqual(events[1]?.data, { text: 'Hi' })
    assert.deepEqual(events[3]?.data, { index: 0, id: 'c1', type: 'function', name: 'weather' })
    assert.equal(events[6]?.data['finish_reason'], 'tool_calls')
    assert.equal(events[6]?.data['cost_nano_usd'], 1500)
    assert.deepEqual((events[5]?.data as { input_tokens: number }).input_tokens, usage.inputTokens)
  })

  test('a break in typed events is an error event and no done', async () => {
    const [start = [], first = []] = textEvents('Hi')
    answer = (asked) => streamReply(asked, [start, first, new Problem('stream_cut')])
    const events = framesOf(await (await stream({ accept: 'text/event-stream' })).text())
    assert.deepEqual(
      events.map(({ name }) => name),
      ['start', 'delta', 'error'],
    )
    assert.equal((events[2]?.data['error'] as Failure).code, 'stream_cut')
  })

  test('a break in bare text cuts the connection: it never looks complete', async () => {
    const [start = [], first = []] = textEvents('Hi')
    answer = (asked) => streamReply(asked, [start, first, new Problem('stream_cut')])
    const response = await stream()
    assert.equal(response.status, 200)
    await assert.rejects(response.text())
  })

  test('a failure before the first word still chooses its status', async () => {
    const [start = []] = textEvents()
    answer = (asked) => streamReply(asked, [start, new Problem('provider_timeout')])
    const response = await stream()
    assert.equal(response.status, 504)
    assert.equal(((await response.json()) as { error: Failure }).error.code, 'provider_timeout')
  })

  test('a reader who walks away stops the answer', async () => {
    const watch: FlowWatch = { taken: 0, isAbandoned: false }
    const [start = [], first = []] = textEvents('Hi')
    const left = Promise.withResolvers<undefined>()
    answer = (asked): Reply => {
      asked.signal.addEventListener('abort', () => left.resolve(undefined))
      return streamReply(asked, [start, first, left.promise, first, first, first], watch)
    }
    const controller = new AbortController()
    const response = await fetch(`${fake.url}/v1/generate/stream`, {
      method: 'POST',
      body: '{"prompt":"Hi"}',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${goodKey}` },
      signal: controller.signal,
    })
    await response.body?.getReader().read()
    controller.abort()
    await left.promise
    while (!watch.isAbandoned) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok(watch.taken <= 3)
  })

  test('a caller who leaves while a whole answer is made stops it', async () => {
    const left = Promise.withResolvers<undefined>()
    answer = async (asked) => {
      asked.signal.addEventListener('abort', () => left.resolve(undefined))
      await left.promise
      throw new Problem('caller_left')
    }
    const controller = new AbortController()
    const request = fetch(`${fake.url}/v1/generate`, {
      method: 'POST',
      body: '{"prompt":"Hi"}',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${goodKey}` },
      signal: controller.signal,
    })
    while (fake.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort()
    await assert.rejects(request)
    await left.promise
  })

  test('a reader who does not read holds the answer back', async () => {
    const watch: FlowWatch = { taken: 0, isAbandoned: false }
    const piece: readonly ChatEvent[] = [{ type: 'text-delta', choice: 0, text: 'x'.repeat(100_000) }]
    answer = (asked) =>
      streamReply(
        asked,
        Array.from({ length: 500 }, () => piece),
        watch,
      )
    const socket = connect(fake.port, '127.0.0.1')
    socket.pause()
    const body = '{"prompt":"Hi"}'
    socket.write(
      `POST /v1/generate/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${goodKey}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    let before = -1
    while (before !== watch.taken || watch.taken === 0) {
      before = watch.taken
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    assert.ok(watch.taken < 500, `${watch.taken} pieces were taken for a reader who read none`)
    socket.destroy()
    await once(socket, 'close')
    while (!watch.isAbandoned) await new Promise((resolve) => setTimeout(resolve, 5))
  })

  test('limits and simulation are said in headers', async () => {
    answer = (asked): Reply => ({
      kind: 'stream',
      events: (streamReply(asked, textEvents('Hi')) as Extract<Reply, { kind: 'stream' }>).events,
      receipt: receiptOf(asked, {
        isSimulated: true,
        model: 'mod\u00e8le',
        dropped: ['seed', 'logprobs'],
        limits: {
          requests: { limit: 60, remaining: 59.5, resetMs: 1_000 },
          tokens: { limit: 1_000, remaining: 10, resetMs: 90_500 },
        },
      }),
    })
    const { headers } = await stream()
    assert.equal(headers.get('x-signalbox-simulated'), 'true')
    assert.equal(headers.get('x-signalbox-model'), 'mod%C3%A8le')
    assert.equal(headers.get('x-signalbox-dropped'), 'seed,logprobs')
    assert.equal(headers.get('x-ratelimit-limit-requests'), '60')
    assert.equal(headers.get('x-ratelimit-remaining-requests'), '59')
    assert.equal(headers.get('x-ratelimit-reset-requests'), '1s')
    assert.equal(headers.get('x-ratelimit-reset-tokens'), '1m30.5s')
  })
})

interface Frame {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

function framesOf(text: string): readonly Frame[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const match = /^event: (\w+)\ndata: (.+)$/.exec(frame)
      assert.ok(match, frame)
      return { name: match[1] ?? '', data: JSON.parse(match[2] ?? '') as Readonly<Record<string, unknown>> }
    })
}
