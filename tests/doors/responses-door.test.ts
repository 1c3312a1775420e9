/** POST /v1/responses over a socket, as OpenAI's own client sees it. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import OpenAI, { APIError } from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import type { Part } from '#core/domain/chat.ts'
import { parseJson } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import {
  goodKey,
  openFakeDoor,
  replyOf,
  streamReply,
  textEvents,
  wholeReply,
} from '#tests/support/fake-door.ts'
import type { Answerer, FakeDoor } from '#tests/support/fake-door.ts'

let fake: FakeDoor
let answer: Answerer
let client: OpenAI
let baseURL: string
before(async () => {
  fake = await openFakeDoor((asked, caller) => answer(asked, caller))
  baseURL = `${fake.url}/v1`
  client = new OpenAI({ baseURL, apiKey: goodKey, maxRetries: 0 })
})
after(() => fake.close())
beforeEach(() => {
  answer = (asked) => wholeReply(asked)
  fake.asked.length = 0
})

const weather = {
  type: 'function',
  name: 'weather',
  description: 'The weather in a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: null,
} as const

const worked: readonly Part[] = [
  { type: 'reasoning', text: 'Two cities.' },
  { type: 'text', text: 'Let me look.' },
  { type: 'tool_call', id: 'c1', name: 'weather', kind: 'function', argumentsText: '{"city":"Ulm"}' },
  { type: 'tool_call', id: 'c2', name: 'weather', kind: 'function', argumentsText: '{"city":"Bonn"}' },
]

describe('the official client', () => {
  test('reads a whole response, with what was asked said back', async () => {
    const { data, response } = await client.responses
      .create({
        model: 'acme-1',
        input: 'Hi',
        instructions: 'Be brief.',
        tools: [weather],
        temperature: 0.5,
        metadata: { run: '7' },
        max_output_tokens: 90,
        store: true,
      })
      .withResponse()
    assert.equal(data.output_text, 'Hello.')
    assert.equal(data.object, 'response')
    assert.equal(data.status, 'completed')
    assert.equal(data.error, null)
    assert.equal(data.incomplete_details, null)
    assert.equal(data.created_at, 1_700_000_000)
    assert.equal(data.model, 'acme-1-2026')
    assert.match(data.id, /^resp_/)
    assert.equal(data.previous_response_id, null)
    assert.equal(data.instructions, 'Be brief.')
    assert.equal(data.temperature, 0.5)
    assert.equal(data.max_output_tokens, 90)
    assert.deepEqual(data.metadata, { run: '7' })
    assert.equal(data.parallel_tool_calls, true)
    assert.equal(data.tool_choice, 'auto')
    assert.deepEqual(data.tools, [{ ...weather, strict: true }])
    assert.deepEqual(data.text, { format: { type: 'text' }, verbosity: 'medium' })
    assert.equal('store' in data && data.store, false)
    assert.deepEqual(data.usage, {
      input_tokens: 11,
      input_tokens_details: { cached_tokens: 3, cache_write_tokens: 0 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 18,
    })
    assert.equal(response.headers.get('x-signalbox-provider'), 'acme')
    const [asked] = fake.asked
    assert.equal(asked?.door, 'openai-responses')
    assert.equal(asked?.dialect, 'openai-responses')
    assert.equal(asked?.question.native?.dialect, 'openai-responses')
  })

  test('reads parallel calls, whole and streamed', async () => {
    for (const isStreamed of [false, true]) {
      answer = (asked) => replyOf(asked, worked)
      const asked = { model: 'acme-1', input: 'Weather?', tools: [weather] }
      const { output, output_text: text } = isStreamed
        ? await client.responses.stream(asked).finalResponse()
        : await client.responses.create(asked)
      assert.deepEqual(
        output.map(({ type }) => type),
        ['reasoning', 'message', 'function_call', 'function_call'],
      )
      assert.equal(text, 'Let me look.')
      const cities = output.flatMap((item) =>
        item.type === 'function_call' ? [parseJson(item.arguments)] : [],
      )
      assert.deepEqual(cities, [{ city: 'Ulm' }, { city: 'Bonn' }])
      assert.equal(new Set(output.map(({ id }) => id)).size, 4)
    }
  })

  test('reads a stream piece by piece', async () => {
    answer = (asked) => streamReply(asked, textEvents('Hel', 'lo.'))
    const pieces: string[] = []
    let last = ''
    for await (const event of await client.responses.create({ model: 'acme-1', input: 'Hi', stream: true })) {
      if (event.type === 'response.output_text.delta') pieces.push(event.delta)
      last = event.type
    }
    assert.deepEqual(pieces, ['Hel', 'lo.'])
    assert.equal(last, 'response.completed')
  })

  test('parses structured output', async () => {
    const shape = z.object({ city: z.string(), degrees: z.number() })
    answer = (asked) => replyOf(asked, [{ type: 'text', text: '{"city":"Ulm","degrees":7}' }])
    const format = zodTextFormat(shape, 'report')
    const response = await client.responses.parse({ model: 'acme-1', input: 'Go', text: { format } })
    assert.deepEqual(response.output_parsed, { city: 'Ulm', degrees: 7 })
    const wished = fake.asked[0]?.question.responseFormat
    assert.ok(wished?.type === 'json_schema' && wished.name === 'report' && wished.isStrict === true)
  })

  test('sends pictures', async () => {
    const content = [
      { type: 'input_text' as const, text: 'What?' },
      { type: 'input_image' as const, image_url: tinyImages.png, detail: 'high' as const },
    ]
    await client.responses.create({ model: 'acme-1', input: [{ role: 'user', content }] })
    const [, picture] = fake.asked[0]?.question.messages[0]?.parts ?? []
    assert.ok(picture?.type === 'image' && picture.mediaType === 'image/png' && picture.detail === 'high')
  })

  test('sees token probabilities with the text they belong to, even before a call', async () => {
    const content = [{ token: 'Hi', logprob: -0.1, bytes: [72, 105], top_logprobs: [] }]
    const finish = { unified: 'tool_calls', raw: null } as const
    const logprobs = { origin: 'openai-chat', tokenCount: 1, value: { content } } as const
    for (const isStreamed of [false, true]) {
      answer = (asked) =>
        replyOf(asked, worked.slice(1), {
          choices: [{ index: 0, parts: worked.slice(1), finish, logprobs }],
        })
      const asked = {
        model: 'acme-1',
        input: 'Hi',
        include: ['message.output_text.logprobs' as const],
        top_logprobs: 1,
      }
      const { output } = isStreamed
        ? await client.responses.stream(asked).finalResponse()
        : await client.responses.create(asked)
      const [message] = output
      assert.ok(message?.type === 'message' && message.content[0]?.type === 'output_text')
      assert.deepEqual(message.content[0].logprobs, content)
    }
  })
})

describe('failures', () => {
  const failures: ReadonlyArray<readonly [ProblemCode, number, string, string]> = [
    ['invalid_value', 400, 'BadRequestError', 'invalid_value'],
    ['not_permitted', 403, 'PermissionDeniedError', 'not_permitted'],
    ['model_not_found', 404, 'NotFoundError', 'model_not_found'],
    ['rate_limited', 429, 'RateLimitError', 'rate_limit_exceeded'],
    ['budget_exceeded', 402, 'APIError', 'insufficient_quota'],
    ['internal_error', 500, 'InternalServerError', 'internal_error'],
    ['provider_overloaded', 503, 'InternalServerError', 'provider_overloaded'],
  ]
  for (const [code, status, name, word] of failures) {
    test(`${code} is a ${name}`, async () => {
      answer = () => {
        throw new Problem(code, { retryAfterMs: 3_000, param: 'model' })
      }
      for (const stream of [false, true]) {
        await assert.rejects(client.responses.create({ model: 'acme-1', input: 'Hi', stream }), (thrown) => {
          assert.ok(thrown instanceof APIError)
          assert.equal(thrown.constructor.name, name)
          assert.equal(thrown.status, status)
          assert.equal(thrown.code, word)
          const headers = thrown.headers as Headers
          assert.equal(headers.get('retry-after'), code === 'rate_limited' || status >= 500 ? '3' : null)
          return true
        })
      }
    })
  }

  test('a wrong key is an AuthenticationError', async () => {
    const stranger = new OpenAI({ baseURL, apiKey: 'sbx_wrong', maxRetries: 0 })
    await assert.rejects(stranger.responses.create({ model: 'acme-1', input: 'Hi' }), {
      status: 401,
      code: 'invalid_api_key',
    })
  })

  test('a response cannot be fetched afterwards, since none is kept', async () => {
    for (const ask of [
      () => client.responses.retrieve('resp_1'),
      () => client.responses.delete('resp_1'),
      () => client.responses.cancel('resp_1'),
      () => client.responses.inputItems.list('resp_1'),
    ]) {
      await assert.rejects(ask, { status: 404, message: /No response is stored here.*resp_1/ })
    }
  })

  test('a broken stream throws, with what came before the break', async () => {
    answer = (asked) => streamReply(asked, [...textEvents('Hel').slice(0, 2), new Problem('stream_cut')])
    let text = ''
    const stream = client.responses.stream({ model: 'acme-1', input: 'Hi' })
    stream.on('response.output_text.delta', ({ delta }) => {
      text += delta
    })
    await assert.rejects(stream.finalResponse(), (thrown) => {
      assert.ok(thrown instanceof APIError)
      assert.equal(thrown.code, 'stream_cut')
      assert.match(thrown.message, /broke off/)
      return true
    })
    assert.equal(text, 'Hel')
  })

  test('a caller who leaves ends the answer', async () => {
    const left = Promise.withResolvers<undefined>()
    answer = (asked) => {
      asked.signal.addEventListener('abort', () => left.resolve(undefined))
      return streamReply(asked, [...textEvents('Hel').slice(0, 2), left.promise])
    }
    const stream = await client.responses.create({ model: 'acme-1', input: 'Hi', stream: true })
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') break
    }
    await left.promise
  })
})
