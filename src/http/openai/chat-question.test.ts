/** POST /v1/chat/completions: what a request becomes in words. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import OpenAI from 'openai'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import { goodKey, openFakeDoor, replyOf, streamReply, wholeReply } from '#tests/support/fake-door.ts'
import type { Answerer, FakeDoor } from '#tests/support/fake-door.ts'

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

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

const reasoned: readonly Part[] = [
  {
    type: 'reasoning',
    text: 'Let me think.',
    carry: [{ origin: 'anthropic-messages', kind: 'signature', value: 'sig-1' }],
  },
  { type: 'text', text: 'Done.' },
  {
    type: 'tool_call',
    id: 'call_1',
    name: 'weather',
    kind: 'function',
    argumentsText: '{"city":"Ulm"}',
    carry: [{ origin: 'gemini-generate', kind: 'thought_signature', value: 'sig-2' }],
  },
]

describe('what reaches the corridor', () => {
  test('the text of the request travels as it came, with the places of its members', async () => {
    const text =
      '{ "model" : "acme-1",\n "messages":[{"role":"user","content":"Hi"}], "brand_new": {"a": [1, 2]} }'
    assert.equal((await post(text)).status, 200)
    const native = fake.asked[0]?.question.native
    assert.ok(native)
    assert.equal(native.text, text)
    assert.equal(native.dialect, 'openai-chat')
    assert.equal(spliceMembers(native, { model: 'other' }), text.replace('"acme-1"', '"other"'))
    assert.equal(native.isUsageWanted, false)
  })

  test('every field of the API is read into words', async () => {
    await create({
      max_completion_tokens: 100,
      max_tokens: 50,
      temperature: 0.1,
      top_p: 0.2,
      n: 2,
      stop: ['a', 'b'],
      seed: 3,
      frequency_penalty: 0.4,
      presence_penalty: -0.5,
      logprobs: true,
      top_logprobs: 4,
      modalities: ['text'],
      reasoning_effort: 'high',
      parallel_tool_calls: false,
      tools: [
        {
          type: 'function',
          function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
        },
        { type: 'custom', custom: { name: 'c', format: { type: 'text' } } },
        { type: 'web_search', more: 1 },
      ],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
      response_format: {
        type: 'json_schema',
        json_schema: { name: 's', schema: { type: 'object' }, strict: true },
      },
      user: 'u-1',
    })
    const asked = fake.asked[0]
    assert.ok(asked)
    const { native, messages, ...rest } = asked.question
    assert.ok(native)
    assert.equal(messages.length, 1)
    assert.equal(asked.userId, 'u-1')
    assert.deepEqual(rest, {
      isStreamed: false,
      maxOutputTokens: 100,
      temperature: 0.1,
      topP: 0.2,
      seed: 3,
      frequencyPenalty: 0.4,
      presencePenalty: -0.5,
      answerCount: 2,
      stopSequences: ['a', 'b'],
      logprobs: { top: 4 },
      endUser: 'u-1',
      tools: [
        { kind: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, isStrict: true },
        { kind: 'custom', name: 'c', format: { type: 'text' } },
        { kind: 'server', name: 'web_search', origin: 'openai-chat', value: { type: 'web_search', more: 1 } },
      ],
      toolChoice: { mode: 'allowed', names: ['f'], isRequired: true },
      isParallelToolUseAllowed: false,
      responseFormat: { type: 'json_schema', name: 's', schema: { type: 'object' }, isStrict: true },
      reasoning: { effort: 'high' },
      outputModalities: ['text'],
    })
  })

  test('every kind of message and part is read into words', async () => {
    const wav = Buffer.from('RIFF\0\0\0\0WAVEfmt ').toString('base64')
    const pdf = Buffer.from('%PDF-1.7 fake').toString('base64')
    const response = await post({
      messages: [
        { role: 'developer', content: 'Be short.' },
        {
          role: 'user',
          name: 'ann',
          content: [
            { type: 'text', text: 'Look:', cache_control: { type: 'ephemeral', ttl: '1h' } },
            { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${png}`, detail: 'high' } },
            { type: 'image_url', image_url: 'https://pictures.example/a.png' },
            { type: 'input_audio', input_audio: { data: wav, format: 'wav' } },
            { type: 'file', file: { file_data: `data:application/pdf;base64,${pdf}`, filename: 'a.pdf' } },
            { type: 'file', file: { file_id: 'file-1' } },
            { type: 'brand_new', value: 1 },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'ok' }] },
        { role: 'assistant', content: null, function_call: { name: 'g', arguments: '{}' } },
        { role: 'function', name: 'g', content: 'done' },
        { role: 'assistant', content: 'So.', refusal: 'No.' },
      ],
    })
    assert.equal(response.status, 200, await response.text())
    const messages = fake.asked[0]?.question.messages ?? []
    assert.deepEqual(
      messages.map(({ role }) => role),
      ['developer', 'user', 'assistant', 'tool', 'assistant', 'tool', 'assistant'],
    )
    assert.equal(messages[1]?.name, 'ann')
    assert.deepEqual(messages[1]?.parts, [
      { type: 'text', text: 'Look:', cacheHint: { ttl: '1h' } },
      { type: 'image', source: { kind: 'inline', base64: png }, mediaType: 'image/png', detail: 'high' },
      { type: 'image', source: { kind: 'url', url: 'https://pictures.example/a.png' } },
      { type: 'audio', source: { kind: 'inline', base64: wav }, mediaType: 'audio/wav' },
      {
        type: 'document',
        source: { kind: 'inline', base64: pdf },
        mediaType: 'application/pdf',
        filename: 'a.pdf',
      },
      { type: 'document', source: { kind: 'file', fileId: 'file-1', origin: 'openai-chat' } },
      { type: 'opaque', kind: 'brand_new', origin: 'openai-chat', value: { type: 'brand_new', value: 1 } },
    ])
    assert.deepEqual(messages[2]?.parts, [
      { type: 'tool_call', id: 'c1', name: 'f', kind: 'function', argumentsText: '{}' },
    ])
    assert.deepEqual(messages[3]?.parts, [
      { type: 'tool_result', callId: 'c1', parts: [{ type: 'text', text: 'ok' }], isError: false },
    ])
    assert.deepEqual(messages[5]?.parts, [
      {
        type: 'tool_result',
        callId: 'function_call_4',
        name: 'g',
        parts: [{ type: 'text', text: 'done' }],
        isError: false,
      },
    ])
    assert.deepEqual(
      messages[6]?.parts.map(({ type }) => type),
      ['text', 'refusal'],
    )
  })

  test('reasoning comes back with its tokens when a caller returns the message it got, whole or streamed', async () => {
    answer = (asked) => replyOf(asked, reasoned)
    const whole = (await create()).choices[0]?.message
    const events: readonly ChatEvent[] = [
      { type: 'reasoning-delta', choice: 0, text: 'Let me ' },
      { type: 'reasoning-delta', choice: 0, text: 'think.' },
      {
        type: 'carry',
        choice: 0,
        carry: { origin: 'anthropic-messages', kind: 'signature', value: 'sig-1' },
      },
      { type: 'text-delta', choice: 0, text: 'Done.' },
      { type: 'tool-call-start', choice: 0, call: 0, id: 'call_1', name: 'weather', kind: 'function' },
      {
        type: 'carry',
        choice: 0,
        call: 0,
        carry: { origin: 'gemini-generate', kind: 'thought_signature', value: 'sig-2' },
      },
      { type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '{"city":"Ulm"}' },
      { type: 'finish', choice: 0, finish: { unified: 'tool_calls', raw: null } },
    ]
    answer = (asked) => streamReply(asked, [events])
    const streamed: Record<string, unknown> = { role: 'assistant', content: '', reasoning_details: [] }
    const call: Record<string, unknown> = {}
    for await (const chunk of await createStream()) {
      const delta = chunk.choices[0]?.delta as Record<string, unknown>
      if (typeof delta['content'] === 'string')
        streamed['content'] = `${String(streamed['content'])}${delta['content']}`
      if (Array.isArray(delta['reasoning_details']))
        streamed['reasoning_details'] = delta['reasoning_details']
      for (const piece of (delta['tool_calls'] ?? []) as readonly Record<string, unknown>[]) {
        const { function: named, ...rest } = piece as { function?: { name?: string; arguments: string } }
        Object.assign(call, rest)
        const before = (call['function'] ?? {}) as { name?: string; arguments?: string }
        if (named) {
          call['function'] = {
            name: named.name ?? before.name,
            arguments: (before.arguments ?? '') + named.arguments,
          }
        }
      }
    }
    streamed['tool_calls'] = [call]
    for (const message of [whole, streamed]) {
      fake.asked.length = 0
      answer = (asked) => wholeReply(asked)
      const response = await post({
        messages: [...hello, message, { role: 'tool', tool_call_id: 'call_1', content: 'sunny' }],
      })
      assert.equal(response.status, 200, await response.text())
      assert.deepEqual(fake.asked[0]?.question.messages[1]?.parts, reasoned)
    }
  })

  test('wrong requests are refused in the shape of the OpenAI API', async () => {
    const cases = [
      ['{"messages": [}', 'invalid_json', null],
      [{}, 'missing_field', 'messages'],
      [{ messages: [] }, 'invalid_value', 'messages'],
      [{ messages: [{ role: 'user', content: 5 }] }, 'invalid_value', 'messages[0].content'],
      [{ messages: hello, max_tokens: -1 }, 'invalid_value', 'max_tokens'],
      [{ messages: hello, n: 0 }, 'invalid_value', 'n'],
      [{ messages: hello, stream: 'yes' }, 'invalid_value', 'stream'],
      ['{"messages":[],"stream":true,"stream":false}', 'duplicate_field', 'stream'],
      [{ messages: [{ role: 'tool', content: 'x' }] }, 'missing_field', 'messages[0].tool_call_id'],
      [
        { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'nope' } }] }] },
        'invalid_media',
        'messages[0].content[0].image_url',
      ],
      [{ messages: hello, tools: [{ type: 'function' }] }, 'missing_field', 'tools[0].function'],
      [
        { messages: hello, tool_choice: { type: 'function', function: { name: 'x' } } },
        'invalid_value',
        'tool_choice',
      ],
    ] as const
    for (const [body, code, param] of cases) {
      const response = await post(body)
      assert.equal(response.status, 400)
      const { error } = (await response.json()) as { error: Record<string, unknown> }
      assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type'])
      assert.equal(error['code'], code, String(error['message']))
      assert.equal(error['param'], param)
      assert.equal(error['type'], 'invalid_request_error')
    }
    assert.equal(fake.asked.length, 0)
  })
})
