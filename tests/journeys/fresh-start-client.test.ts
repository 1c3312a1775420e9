/** A start without keys, seen by the official OpenAI client: whole, streamed, with tools and with structured output. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import OpenAI from 'openai'
import { endingRow } from '#tests/journeys/records.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

let house: RunningHouse
let client: OpenAI
before(async () => {
  house = await startHouse({ yaml: 'simulation: {first_token_ms: 5, tokens_per_second: 2000}' })
  client = new OpenAI({ baseURL: `${house.address}/v1`, apiKey: 'any text at all', maxRetries: 0 })
})
after(() => house.close())

/** By name, because the client's types advise against it. */
const memberOf = (value: object, name: string): unknown => new Map(Object.entries(value)).get(name)

const messages = [{ role: 'user', content: 'What is a signal box?' }] as const
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['c', 'f'] } },
      required: ['city', 'unit'],
      additionalProperties: false,
    },
  },
} as const

describe('the official OpenAI client against a start without keys', () => {
  it('reads a whole answer, marked as simulated', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'claude-sonnet-5', messages: [...messages], safety_identifier: 'ann' })
      .withResponse()
    assert.match(data.choices[0]?.message.content ?? '', /^This is a simulated answer from claude-sonnet-5/)
    assert.equal(data.choices[0]?.finish_reason, 'stop')
    assert.equal(memberOf(data, 'system_fingerprint'), 'simulated')
    assert.equal(response.headers.get('x-signalbox-simulated'), 'true')
    const row = await endingRow(house, response.headers.get('x-request-id'))
    assert.equal(row.user_id, 'ann')
    assert.equal(row.input_tokens, data.usage?.prompt_tokens)
    assert.equal(row.output_tokens, data.usage?.completion_tokens)
  })

  it('reads a stream with its usage at the end', async () => {
    const stream = await client.chat.completions.create({
      model: 'claude-sonnet-5',
      messages: [...messages],
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let finish: string | null = null
    let usage: OpenAI.CompletionUsage | null | undefined
    for await (const chunk of stream) {
      assert.equal(memberOf(chunk, 'system_fingerprint'), 'simulated')
      text += chunk.choices[0]?.delta.content ?? ''
      finish = chunk.choices[0]?.finish_reason ?? finish
      usage = chunk.usage ?? usage
    }
    assert.match(text, /simulated answer from claude-sonnet-5/)
    assert.equal(finish, 'stop')
    assert.ok((usage?.completion_tokens ?? 0) > 0)
  })

  it('goes through a loop of tools in two turns', async () => {
    const first = await client.chat.completions.create({
      model: 'claude-sonnet-5',
      messages: [{ role: 'user', content: 'Use get_weather for Ulm.' }],
      tools: [weather],
    })
    const asked = first.choices[0]?.message
    const call = asked?.tool_calls?.[0]
    assert.equal(first.choices[0]?.finish_reason, 'tool_calls')
    assert.ok(asked && call?.type === 'function')
    assert.equal(call.function.name, 'get_weather')
    const given = JSON.parse(call.function.arguments) as { readonly city: unknown; readonly unit: unknown }
    assert.equal(typeof given.city, 'string')
    assert.ok(given.unit === 'c' || given.unit === 'f')

    const second = await client.chat.completions.create({
      model: 'claude-sonnet-5',
      messages: [
        { role: 'user', content: 'Use get_weather for Ulm.' },
        asked,
        { role: 'tool', tool_call_id: call.id, content: '{"degrees": 11}' },
      ],
      tools: [weather],
    })
    assert.equal(second.choices[0]?.finish_reason, 'stop')
    assert.match(second.choices[0]?.message.content ?? '', /simulated/)
  })

  it("runs the client's own tool runner to its end", async () => {
    const cities: string[] = []
    const tool = {
      type: 'function',
      function: {
        ...weather.function,
        parse: (text: string) => JSON.parse(text) as { readonly city: string },
        function: ({ city }: { readonly city: string }) => {
          cities.push(city)
          return '11 degrees'
        },
      },
    } as const
    const runner = client.chat.completions.runTools({
      model: 'claude-sonnet-5',
      messages: [{ role: 'user', content: 'Use get_weather for Ulm.' }],
      tools: [tool as never],
    })
    assert.match((await runner.finalContent()) ?? '', /simulated/)
    assert.equal(cities.length, 1)
  })

  it('gets structured output that fits its schema', async () => {
    const schema = {
      type: 'object',
      properties: {
        title: { type: 'string' },
        stars: { type: 'integer', minimum: 1, maximum: 5 },
        tags: { type: 'array', items: { type: 'string' }, minItems: 1 },
      },
      required: ['title', 'stars', 'tags'],
      additionalProperties: false,
    } as const
    const answer = await client.chat.completions.parse({
      model: 'claude-sonnet-5',
      messages: [...messages],
      response_format: { type: 'json_schema', json_schema: { name: 'review', strict: true, schema } },
    })
    const review = answer.choices[0]?.message.parsed as {
      readonly title: string
      readonly stars: number
      readonly tags: readonly string[]
    } | null
    assert.ok(review)
    assert.equal(typeof review.title, 'string')
    assert.ok(Number.isInteger(review.stars) && review.stars >= 1 && review.stars <= 5)
    assert.ok(review.tags.length >= 1)
    assert.deepEqual(Object.keys(review).sort(), ['stars', 'tags', 'title'])
  })

  it('sends pictures', async () => {
    const answer = await client.chat.completions.create({
      model: 'gpt-4-vision-preview',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: tinyImages.webp } },
          ],
        },
      ],
    })
    assert.match(answer.choices[0]?.message.content ?? '', /an image/)
  })

  it('lists the models and finds one', async () => {
    const ids: string[] = []
    for await (const model of client.models.list()) ids.push(model.id)
    for (const id of [
      'gpt-5.4',
      'claude-sonnet-5',
      'gemini-3.6-flash',
      'command-a-03-2025',
      'auto',
      'auto:cheap',
    ]) {
      assert.ok(ids.includes(id), `${id} is listed`)
    }
    assert.equal(new Set(ids).size, ids.length)
    const one = await client.models.retrieve('claude-sonnet-5')
    assert.equal(one.owned_by, 'anthropic')
    await assert.rejects(client.models.retrieve('claude-sonet-5'), (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError)
      assert.match(error.message, /claude-sonnet-5/)
      return true
    })
  })
})
