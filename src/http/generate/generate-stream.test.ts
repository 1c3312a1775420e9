/** POST /v1/generate/stream: text or events, their ends, their breaks, and readers who leave or stall. */
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
import { nextTurn } from '#tests/support/raw-http.ts'
import type { Answerer, FakeDoor, FlowWatch } from '#tests/support/fake-door.ts'

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

  test('a second answer that a provider gave beside the first is not mixed into it', async () => {
    const [start = [], first = [], last = []] = textEvents('Hi')
    const beside: readonly ChatEvent[] = [
      { type: 'text-delta', choice: 1, text: 'Beside' },
      { type: 'finish', choice: 1, finish: { unified: 'length', raw: 'length' } },
    ]
    answer = (asked) => streamReply(asked, [start, first, last, beside])
    const events = framesOf(await (await stream({ accept: 'text/event-stream' })).text())
    assert.deepEqual(
      events.filter(({ name }) => name === 'delta').map(({ data }) => data['text']),
      ['Hi'],
    )
    assert.equal(events.at(-1)?.data['finish_reason'], 'stop')
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
    assert.equal(events[5]?.data['input_tokens'], usage.inputTokens)
  })

  test('a break in typed events is an error event and no done', async () => {
    const [start = [], first = []] = textEvents('Hi')
    answer = (asked) => streamReply(asked, [start, first, new Problem('stream_cut')])
    const events = framesOf(await (await stream({ accept: 'text/event-stream' })).text())
    assert.deepEqual(
      events.map(({ name }) => name),
      ['start', 'delta', 'error'],
    )
    assert.match(JSON.stringify(events[2]?.data['error']), /"code":"stream_cut"/)
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
    while (!watch.isAbandoned) await nextTurn()
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
    while (fake.asked.length === 0) await nextTurn()
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
      await nextTurn()
    }
    assert.ok(watch.taken < 500, `${watch.taken} pieces were taken for a reader who read none`)
    socket.destroy()
    await once(socket, 'close')
    while (!watch.isAbandoned) await nextTurn()
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
