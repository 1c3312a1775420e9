/** POST /v2/chat: what goes out, byte by byte. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { CohereClientV2 } from 'cohere-ai'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import {
  goodKey,
  openFakeDoor,
  replyOf,
  streamReply,
  textEvents,
  usage,
  wholeReply,
} from '#tests/support/fake-door.ts'
import type { Answerer, FakeDoor } from '#tests/support/fake-door.ts'

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

const messages = [{ role: 'user', content: 'Hi' }] as const
const post = (more: object = {}) => fake.post('/v2/chat', { model: 'acme-1', messages, ...more })
const postStream = () => post({ stream: true })
const native = (text: string): ChatEvent => ({
  type: 'native',
  dialect: 'cohere-chat',
  bytes: Buffer.from(text),
  deltas: 1,
})

describe('bytes', () => {
  test('a native answer passes through untouched', async () => {
    const bytes = Buffer.from('{ "id":"a",  "brand_new": [1.0, 2e3] }')
    answer = (asked) => replyOf(asked, [], { native: { dialect: 'cohere-chat', bytes } })
    assert.equal(await (await post()).text(), bytes.toString())
  })

  test('native frames pass through untouched, and the end marker is added only where it is missing', async () => {
    const frames = [
      'event: message-start\ndata: {"type":"message-start", "x": 1.0}\n\n',
      'event: new\ndata: {}\n\n',
    ]
    const [first = '', second = ''] = frames
    const start: ChatEvent = { type: 'start', id: 'x', model: 'm' }
    const words: ChatEvent = { type: 'text-delta', choice: 0, text: 'a' }
    for (const last of ['', 'data: [DONE]\n\n']) {
      answer = (asked) =>
        streamReply(asked, [[start], [native(first)], [native(second), native(last)], [words]])
      assert.equal(await (await postStream()).text(), `${first}${second}data: [DONE]\n\n`)
    }
  })

  test('a native stream that breaks gets the end that was missing, and nothing else', async () => {
    const frame = 'event: content-delta\ndata: {"type":"content-delta","index":0}\n\n'
    answer = (asked) => streamReply(asked, [[native(frame)], new Problem('stream_cut')])
    const text = await (await postStream()).text()
    assert.ok(text.startsWith(`${frame}event: message-end\n`))
    assert.ok(text.endsWith('\n\ndata: [DONE]\n\n'))
    const end = JSON.parse(/message-end\ndata: (.*)\n/.exec(text)?.[1] ?? '') as { readonly delta: object }
    assert.deepEqual(end.delta, {
      finish_reason: 'ERROR',
      error: "The provider's answer broke off before its end. Try again; what was received is incomplete.",
      usage: {
        billed_units: { input_tokens: 11, output_tokens: 7 },
        tokens: { input_tokens: 11, output_tokens: 7 },
        cached_tokens: 3,
      },
    })
  })

  test('a call that was broken off is not ended, for nobody must run half a call', async () => {
    const call: ChatEvent = {
      type: 'tool-call-start',
      choice: 0,
      call: 0,
      id: 'c',
      name: 'f',
      kind: 'function',
    }
    const half: ChatEvent = { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '{"a":' }
    answer = (asked) => streamReply(asked, [[call, half], new Problem('provider_overloaded')])
    const text = await (await postStream()).text()
    assert.match(text, /tool-call-delta/)
    assert.doesNotMatch(text, /tool-call-end/)
    assert.match(text, /"finish_reason":"ERROR","error":"The provider is overloaded\./)
  })

  test('a stream that breaks before its first word is refused with a status', async () => {
    answer = (asked) =>
      streamReply(asked, [[{ type: 'start', id: 'x', model: 'm' }], new Problem('provider_overloaded')])
    const response = await postStream()
    assert.equal(response.status, 503)
    assert.equal(((await response.json()) as { readonly code: string }).code, 'provider_overloaded')
  })

  test('an answer that came whole is streamed as its events', async () => {
    const parts: readonly Part[] = [
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Yes.' },
      { type: 'tool_call', id: 'c', name: 'f', kind: 'function', argumentsText: '{"a":1}' },
    ]
    answer = (asked) => replyOf(asked, parts)
    const text = await (await postStream()).text()
    assert.deepEqual(
      [...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name),
      [
        'message-start',
        'content-start',
        'content-delta',
        'content-end',
        'content-start',
        'content-delta',
        'content-end',
        'tool-call-start',
        'tool-call-delta',
        'tool-call-end',
        'message-end',
      ],
    )
  })

  test('a whole answer from words has every member that clients demand', async () => {
    answer = (asked) =>
      replyOf(
        asked,
        [
          { type: 'text', text: 'I look.', isToolPlan: true },
          { type: 'tool_call', id: 'c', name: 'f', kind: 'function', argumentsText: '' },
        ],
        { usage },
      )
    assert.deepEqual(await (await post()).json(), {
      id: fake.asked[0]?.requestId,
      finish_reason: 'TOOL_CALL',
      message: {
        role: 'assistant',
        tool_plan: 'I look.',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      usage: {
        billed_units: { input_tokens: 11, output_tokens: 7 },
        tokens: { input_tokens: 11, output_tokens: 7 },
        cached_tokens: 3,
      },
    })
    answer = (asked) => replyOf(asked, [])
    const { message } = (await (await post()).json()) as { readonly message: unknown }
    assert.deepEqual(message, { role: 'assistant', content: [{ type: 'text', text: '' }] })
  })

  test('finish reasons have their words', async () => {
    const words = {
      stop: 'COMPLETE',
      length: 'MAX_TOKENS',
      tool_calls: 'TOOL_CALL',
      content_filter: 'ERROR',
      pause: 'COMPLETE',
      error: 'ERROR',
      other: 'COMPLETE',
    } as const
    const reasonOf = async () => ((await (await post()).json()) as { finish_reason: string }).finish_reason
    for (const [unified, word] of Object.entries(words)) {
      const finish = { unified: unified as keyof typeof words, raw: null }
      answer = (asked) => replyOf(asked, [], { choices: [{ index: 0, parts: [], finish }] })
      assert.equal(await reasonOf(), word)
    }
    const finish = { unified: 'stop', raw: null, stopSequence: 'END' } as const
    answer = (asked) => replyOf(asked, [], { choices: [{ index: 0, parts: [], finish }] })
    assert.equal(await reasonOf(), 'STOP_SEQUENCE')
  })
})

describe('the official client', () => {
  test('is not disturbed by signs of life, nor by a model that writes the end marker', async (t) => {
    const [start = [], first = [], second = [], last = []] = textEvents(
      'It ends with',
      ' data: [DONE], always.',
    )
    const quiet = await openFakeDoor(
      (asked) => {
        const { promise, resolve } = Promise.withResolvers<undefined>()
        setTimeout(() => resolve(undefined), 80)
        return streamReply(asked, [start, first, promise, second, last])
      },
      { settings: { heartbeatMs: 15 } },
    )
    t.after(() => quiet.close())
    const client = new CohereClientV2({ token: goodKey, environment: quiet.url, maxRetries: 0 })
    let text = ''
    for await (const event of await client.chatStream({ model: 'acme-1', messages: [...messages] })) {
      if (event.type === 'content-delta') text += event.delta?.message?.content?.text ?? ''
    }
    assert.equal(text, 'It ends with data: [DONE], always.')
    const raw = await (await quiet.post('/v2/chat', { messages, stream: true })).text()
    assert.match(raw, /: keep-alive\n\n/)
  })
})
