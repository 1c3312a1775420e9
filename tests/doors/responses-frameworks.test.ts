/** POST /v1/responses over a socket, as Vercel's AI SDK and LangChain see it. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createOpenAI } from '@ai-sdk/openai'
import { ChatOpenAI } from '@langchain/openai'
import { generateText, jsonSchema, Output, streamText } from 'ai'
import { z } from 'zod'
import type { Part } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
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
let answer: Answerer = (asked) => wholeReply(asked)
let baseURL: string
before(async () => {
  fake = await openFakeDoor((asked, caller) => answer(asked, caller))
  baseURL = `${fake.url}/v1`
})
after(() => fake.close())

const vercel = () => createOpenAI({ baseURL, apiKey: goodKey })('acme-1')
const langchain = (more: object = {}) =>
  new ChatOpenAI({
    model: 'acme-1',
    apiKey: goodKey,
    useResponsesApi: true,
    maxRetries: 0,
    configuration: { baseURL },
    ...more,
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

describe("Vercel's AI SDK", () => {
  test('reads text, calls and usage, whole and streamed', async () => {
    const inputSchema = jsonSchema<{ city: string }>({ ...weather.parameters, required: ['city'] })
    const tools = { weather: { description: 'Weather', inputSchema } }
    answer = (asked) => replyOf(asked, worked)
    const whole = await generateText({ model: vercel(), prompt: 'Weather?', tools, maxRetries: 0 })
    const streamed = streamText({ model: vercel(), prompt: 'Weather?', tools, maxRetries: 0 })
    for (const told of [whole, streamed]) {
      assert.equal(await told.text, 'Let me look.')
      assert.equal((await told.finalStep).reasoningText, 'Two cities.')
      const calls = await told.toolCalls
      assert.deepEqual(
        calls.map(({ toolCallId, input }) => [toolCallId, input]),
        [
          ['c1', { city: 'Ulm' }],
          ['c2', { city: 'Bonn' }],
        ],
      )
      assert.equal(await told.finishReason, 'tool-calls')
      const usage = await told.usage
      assert.equal(usage.inputTokens, 11)
      assert.equal(usage.outputTokens, 7)
    }
  })

  test('reads objects and sources', async () => {
    const citation = { url: 'https://example.com', title: 'T', origin: 'gemini-generate', value: {} } as const
    answer = (asked) => replyOf(asked, [{ type: 'text', text: '{"degrees":7}', citations: [citation] }])
    const schema = z.object({ degrees: z.number() })
    const output = Output.object({ schema })
    const { output: object } = await generateText({ model: vercel(), prompt: 'Go', output, maxRetries: 0 })
    assert.deepEqual(object, { degrees: 7 })
    const { sources } = await generateText({ model: vercel(), prompt: 'Go', maxRetries: 0 })
    assert.equal(sources[0]?.sourceType === 'url' && sources[0].url, 'https://example.com')
  })

  test('hears of a break', async () => {
    answer = (asked) => streamReply(asked, [...textEvents('Hel').slice(0, 2), new Problem('stream_cut')])
    const errors: unknown[] = []
    const onError = ({ error }: { readonly error: unknown }) => void errors.push(error)
    await streamText({ model: vercel(), prompt: 'Go', maxRetries: 0, onError }).consumeStream()
    assert.match(JSON.stringify(errors), /stream_cut/)
  })
})

describe('LangChain', () => {
  test('reads text, thinking, calls and usage, whole and streamed', async () => {
    for (const streaming of [false, true]) {
      answer = (asked) => replyOf(asked, worked)
      const reply = await langchain({ streaming }).bindTools([weather]).invoke('Weather?')
      assert.equal(reply.text, 'Let me look.')
      assert.deepEqual(
        reply.tool_calls?.map(({ id, args }) => [id, args]),
        [
          ['c1', { city: 'Ulm' }],
          ['c2', { city: 'Bonn' }],
        ],
      )
      const { input_tokens: input, output_tokens: output } = asObject(reply.usage_metadata) ?? {}
      assert.deepEqual([input, output], [11, 7])
    }
  })

  test('reads objects', async () => {
    answer = (asked) => replyOf(asked, [{ type: 'text', text: '{"degrees":7}' }])
    const chat = langchain().withStructuredOutput(z.object({ degrees: z.number() }), { method: 'jsonSchema' })
    assert.deepEqual(await chat.invoke('Go'), { degrees: 7 })
  })

  test('hears of a break', async () => {
    answer = (asked) => streamReply(asked, [...textEvents('Hel').slice(0, 2), new Problem('stream_cut')])
    await assert.rejects(langchain({ streaming: true }).invoke('Go'), /broke off/)
  })
})
