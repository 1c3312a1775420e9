/** POST /v1/chat/completions: what goes out, byte by byte. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import OpenAI from 'openai'
import type { ChatEvent } from '#core/domain/answer.ts'
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import { Problem } from '#core/domain/problem.ts'
import {
  goodKey,
  openFakeDoor,
  receiptOf,
  replyOf,
  streamReply,
  textEvents,
  wholeReply,
} from '#tests/support/fake-door.ts'
import type { Answerer, FakeDoor } from '#tests/support/fake-door.ts'

let fake: FakeDoor
let answer: Answerer
let client: OpenAI
before(async () => {
  fake = await openFakeDoor((asked, caller) => answer(asked, caller))
  client = new OpenAI({ baseURL: `${fake.url}/v1`, apiKey: goodKey, maxRetries: 0 })
})
after(() => fake.close())
beforeEach(() => {
  answer = (asked) => wholeReply(asked)
  fake.asked.length = 0
})

const hello = [{ role: 'user', content: 'Hi' }] as const
const create = (more: object = {}) =>
  client.chat.completions.create({ model: 'acme-1', messages: [...hello], ...more, stream: false })
const createStream = (more: object = {}) =>
  client.chat.completions.create({ model: 'acme-1', messages: [...hello], ...more, stream: true })
const post = (body: unknown) => fake.post('/v1/chat/completions', body)

describe('bytes', () => {
  test('a native answer passes through untouched', async () => {
    const bytes = Buffer.from('{ "id":"chatcmpl-9",  "brand_new": [1.0, 2e3] }')
    answer = (asked) => replyOf(asked, [], { native: { dialect: 'openai-chat', bytes } })
    assert.equal(await (await post({ messages: hello })).text(), bytes.toString())
  })

  test('native frames pass through untouched, and the end marker is added only where it is missing', async () => {
    const frames = [
      'data: {"choices":[{"index":0,"delta":{"content":"a"}}],"obfuscation":"x"}\n\n',
      'data: {"b":1}\n\n',
    ]
    const native = (text: string): ChatEvent => ({
      type: 'native',
      dialect: 'openai-chat',
      bytes: Buffer.from(text),
      deltas: 1,
    })
    const [first = '', second = ''] = frames
    const start: ChatEvent = { type: 'start', id: 'x', model: 'm' }
    const words: ChatEvent = { type: 'text-delta', choice: 0, text: 'a' }
    for (const last of ['', 'data: [DONE]\n\n']) {
      answer = (asked) =>
        streamReply(asked, [[start], [native(first)], [native(second), native(last)], [words]])
      const response = await post({ messages: hello, stream: true })
      assert.equal(await response.text(), `${first}${second}data: [DONE]\n\n`)
    }
  })

  test('a broken stream ends with an error object and never with the end marker', async () => {
    const [start = [], first = []] = textEvents('Hel')
    answer = (asked) => streamReply(asked, [start, first, new Problem('provider_overloaded')])
    const text = await (await post({ messages: hello, stream: true })).text()
    assert.doesNotMatch(text, /\[DONE\]/)
    const last = text.trimEnd().split('\n\n').at(-1) ?? ''
    assert.deepEqual((JSON.parse(last.slice(6)) as { error: object }).error, {
      message: 'The provider is overloaded. Try again shortly.',
      type: 'server_error',
      param: null,
      code: 'provider_overloaded',
    })
  })

  test('a quiet stream shows signs of life', async (t) => {
    const gate = Promise.withResolvers<undefined>()
    const [start = [], first = [], last = []] = textEvents('Hi')
    const quiet = await openFakeDoor((asked) => streamReply(asked, [start, first, gate.promise, last]), {
      settings: { heartbeatMs: 30 },
    })
    t.after(() => quiet.close())
    const response = await quiet.post('/v1/chat/completions', { messages: hello, stream: true })
    const reader = response.body?.getReader()
    assert.ok(reader)
    let text = ''
    while (!text.includes(': keep-alive\n\n: keep-alive\n\n')) {
      text += Buffer.from((await reader.read()).value ?? []).toString()
    }
    gate.resolve(undefined)
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      text += Buffer.from(step.value).toString()
    }
    assert.match(text, /\[DONE\]\n\n$/)
  })

  test('several answers keep their numbers, whole and streamed', async () => {
    const finish = { unified: 'stop', raw: null } as const
    const events: readonly ChatEvent[] = [0, 1].flatMap((choice): readonly ChatEvent[] => [
      { type: 'text-delta', choice, text: `answer ${choice}` },
      { type: 'finish', choice, finish },
    ])
    answer = (asked) => streamReply(asked, [events])
    const texts = ['', '']
    for await (const chunk of await createStream({ n: 2 })) {
      const choice = chunk.choices[0]
      if (choice) texts[choice.index] += choice.delta.content ?? ''
    }
    assert.deepEqual(texts, ['answer 0', 'answer 1'])
    const builder = createAnswerBuilder()
    for (const event of events) builder.add(event)
    answer = (asked) => ({ kind: 'whole', answer: builder.build(), receipt: receiptOf(asked) })
    const { choices } = await create({ n: 2 })
    assert.deepEqual(
      choices.map(({ index, message }) => [index, message.content]),
      [
        [0, 'answer 0'],
        [1, 'answer 1'],
      ],
    )
  })

  test('produced images, audio and sources are shown beside the text', async () => {
    answer = (asked) =>
      replyOf(asked, [
        {
          type: 'text',
          text: 'See.',
          citations: [{ url: 'https://a.example', title: 'A', origin: 'anthropic-messages', value: {} }],
        },
        { type: 'image', source: { kind: 'inline', base64: 'aaaa' }, mediaType: 'image/webp' },
        { type: 'audio', source: { kind: 'inline', base64: 'bbbb' }, id: 'audio-1', transcript: 'See.' },
        { type: 'opaque', kind: 'x', origin: 'cohere-chat', value: 'hidden' },
      ])
    const message = (await create()).choices[0]?.message as unknown as Record<string, unknown>
    assert.equal(message['content'], 'See.')
    assert.deepEqual(message['images'], [
      { type: 'image_url', image_url: { url: 'data:image/webp;base64,aaaa' } },
    ])
    assert.equal((message['audio'] as { data: string }).data, 'bbbb')
    assert.equal((message['annotations'] as readonly object[]).length, 1)
    assert.doesNotMatch(JSON.stringify(message), /hidden/)
  })
})
