/** POST /v1/chat/completions and /v1/models as the official OpenAI client sees them. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import OpenAI from 'openai'
import type { Part } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import {
  goodKey,
  openFakeDoor,
  replyOf,
  streamReply,
  textEvents,
  wholeReply,
} from '#tests/support/fake-door.ts'
import type { Answerer, FakeDoor, Step } from '#tests/support/fake-door.ts'

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

describe('the official client', () => {
  test('reads a whole answer', async () => {
    const {
      data,
      response,
      request_id: requestId,
    } = await client.chat.completions.create({ model: 'acme-1', messages: [...hello] }).withResponse()
    assert.equal(data.choices[0]?.message.content, 'Hello.')
    assert.equal(data.choices[0]?.finish_reason, 'stop')
    assert.equal(data.object, 'chat.completion')
    assert.equal(data.created, 1_700_000_000)
    assert.equal(data.usage?.prompt_tokens, 11)
    assert.equal(data.usage?.total_tokens, 18)
    assert.equal(data.usage?.prompt_tokens_details?.cached_tokens, 3)
    assert.match(data.id, /^chatcmpl-/)
    assert.equal(requestId, response.headers.get('x-request-id'))
    assert.equal(response.headers.get('x-signalbox-cost-usd'), '0.0000015')
    assert.equal(fake.asked[0]?.dialect, 'openai-chat')
    assert.equal(fake.asked[0]?.modelAsked, 'acme-1')
  })

  test('reads tool calls, refusals and reasoning', async () => {
    answer = (asked) => replyOf(asked, reasoned)
    const { choices } = await create()
    const call = choices[0]?.message.tool_calls?.[0]
    assert.ok(call?.type === 'function')
    assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Ulm' })
    assert.equal(choices[0]?.finish_reason, 'tool_calls')
    assert.match(JSON.stringify(choices[0]?.message), /"reasoning_content":"Let me think."/)
    answer = (asked) => replyOf(asked, [{ type: 'refusal', text: 'No.' }])
    const refused = await create()
    assert.equal(refused.choices[0]?.message.refusal, 'No.')
    assert.equal(refused.choices[0]?.message.content, null)
  })

  test('reads a stream to its end, with usage only when it asks for it', async () => {
    answer = (asked) => streamReply(asked, textEvents('Hel', 'lo'))
    for (const isWanted of [false, true]) {
      const stream = await createStream(isWanted ? { stream_options: { include_usage: true } } : {})
      const chunks: OpenAI.ChatCompletionChunk[] = []
      for await (const chunk of stream) chunks.push(chunk)
      assert.equal(chunks[0]?.choices[0]?.delta.role, 'assistant')
      assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''), 'Hello')
      const last = chunks.at(-1)
      if (isWanted) {
        assert.deepEqual(last?.choices, [])
        assert.equal(last?.usage?.completion_tokens, 7)
        assert.equal(chunks[0]?.usage, null)
      } else {
        assert.equal(last?.choices[0]?.finish_reason, 'stop')
        assert.ok(chunks.every((chunk) => chunk.usage === undefined))
      }
      assert.ok(
        chunks.every((chunk) => chunk.id === chunks[0]?.id && chunk.object === 'chat.completion.chunk'),
      )
    }
  })

  test('its streaming helper puts tool calls together, also those without arguments', async () => {
    const events: readonly Step[] = [
      [{ type: 'start', id: 'x', model: 'm' }],
      [{ type: 'tool-call-start', choice: 0, call: 0, id: 'call_1', name: 'weather', kind: 'function' }],
      [{ type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '{"city":' }],
      [{ type: 'tool-call-delta', choice: 0, call: 0, argumentsText: '"Ulm"}' }],
      [{ type: 'tool-call-start', choice: 0, call: 1, id: 'call_2', name: 'time', kind: 'function' }],
      [{ type: 'finish', choice: 0, finish: { unified: 'stop', raw: 'end_turn' } }],
    ]
    answer = (asked) => streamReply(asked, events)
    const runner = client.chat.completions.stream({
      model: 'acme-1',
      messages: [...hello],
      tools: [
        { type: 'function', function: { name: 'weather', parameters: {} } },
        { type: 'function', function: { name: 'time', parameters: {} } },
      ],
    })
    const { choices } = await runner.finalChatCompletion()
    assert.equal(choices[0]?.finish_reason, 'tool_calls')
    const calls = choices[0]?.message.tool_calls ?? []
    assert.deepEqual(
      calls.map((call) =>
        call.type === 'function' ? [call.id, call.function.name, call.function.arguments] : [],
      ),
      [
        ['call_1', 'weather', '{"city":"Ulm"}'],
        ['call_2', 'time', '{}'],
      ],
    )
  })

  test('throws in the middle of a stream that breaks off', async () => {
    const [start = [], first = []] = textEvents('Hel')
    answer = (asked) => streamReply(asked, [start, first, new Problem('stream_cut')])
    const stream = await createStream()
    let text = ''
    await assert.rejects(
      async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      },
      (thrown: unknown) => thrown instanceof OpenAI.APIError && /broke off/.test(thrown.message),
    )
    assert.equal(text, 'Hel')
  })

  test('builds the right class of error from each refusal', async () => {
    const expected = [
      ['model_not_found', OpenAI.NotFoundError, 404, 'model_not_found', 'invalid_request_error'],
      ['rate_limited', OpenAI.RateLimitError, 429, 'rate_limit_exceeded', 'rate_limit_error'],
      ['budget_exceeded', OpenAI.APIError, 402, 'insufficient_quota', 'insufficient_quota'],
      ['provider_error', OpenAI.InternalServerError, 502, 'provider_error', 'server_error'],
      [
        'context_length_exceeded',
        OpenAI.BadRequestError,
        400,
        'context_length_exceeded',
        'invalid_request_error',
      ],
      ['model_not_permitted', OpenAI.PermissionDeniedError, 403, 'model_not_permitted', 'permission_error'],
    ] as const
    for (const [code, kind, status, theirCode, type] of expected) {
      answer = () => {
        throw new Problem(code, { param: 'model' })
      }
      await assert.rejects(create(), (thrown: unknown) => {
        assert.ok(thrown instanceof kind, code)
        assert.equal(thrown.status, status)
        assert.equal(thrown.code, theirCode)
        assert.equal(thrown.type, type)
        assert.equal(thrown.param, 'model')
        return true
      })
    }
    const stranger = new OpenAI({ baseURL: `${fake.url}/v1`, apiKey: 'wrong', maxRetries: 0 })
    await assert.rejects(
      stranger.models.list(),
      (thrown: unknown) => thrown instanceof OpenAI.AuthenticationError && thrown.code === 'invalid_api_key',
    )
  })

  test('tries again what may succeed, and not what cannot', async () => {
    const patient = new OpenAI({ baseURL: `${fake.url}/v1`, apiKey: goodKey, maxRetries: 2 })
    const askPatiently = () => patient.chat.completions.create({ model: 'm', messages: [...hello] })
    let calls = 0
    answer = (asked) => {
      if (++calls === 1) throw new Problem('overloaded', { retryAfterMs: 1 })
      return wholeReply(asked)
    }
    await askPatiently()
    assert.equal(calls, 2)
    calls = 0
    answer = () => {
      calls++
      throw new Problem('budget_exceeded', { retryAfterMs: 1 })
    }
    await assert.rejects(askPatiently())
    assert.equal(calls, 1)
  })

  test('lists models and reads one', async () => {
    const models = await client.models.list()
    assert.deepEqual(
      models.data.map(({ id, owned_by: owner }) => [id, owner]),
      [
        ['acme-1', 'acme'],
        ['auto', 'signalbox'],
      ],
    )
    const one = (await client.models.retrieve('acme')) as OpenAI.Model & Record<string, unknown>
    assert.equal(one.id, 'acme-1')
    assert.equal(one.created, Date.parse('2026-01-01') / 1000)
    assert.deepEqual(one['pricing'], { input: 2.5, output: 10 })
    assert.equal(one['context_window'], 100_000)
    const named = await fake.get('/v1/models/acme/acme-1')
    assert.equal(named.status, 200)
    assert.equal((await fake.get('/v1/models/a/b/c')).status, 404)
    await assert.rejects(client.models.retrieve('acme-l'), /Nearest: acme-1/)
  })
})
