/** Counting tokens through three APIs towards every kind of target: free, limited, recorded, and honest about estimates. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { countedTokens } from '#tests/errands/errand-double.ts'
import { openErrandStage } from '#tests/errands/errand-stage.ts'
import type { ErrandStage } from '#tests/errands/errand-stage.ts'

let stage: ErrandStage

before(async () => {
  stage = await openErrandStage()
})

after(async () => {
  try {
    await stage.assertSettled()
  } finally {
    await stage.close()
  }
})

const text = 'How many trains pass here in a day? Count every one of them, please.'

interface Counted {
  readonly tokens: number
  readonly headers: Headers
}

/** Each client, with what it makes of a count and of the response's headers. */
const clients: ReadonlyArray<{
  readonly door: string
  count(model: string): Promise<Counted>
}> = [
  {
    door: 'anthropic-count-tokens',
    async count(model) {
      const client = new Anthropic({ baseURL: stage.address, apiKey: 'sk-any', maxRetries: 0 })
      const { data, response } = await client.messages
        .countTokens({
          model,
          system: 'Be brief.',
          messages: [{ role: 'user', content: text }],
          tools: [{ name: 'look', input_schema: { type: 'object', properties: {} } }],
        })
        .withResponse()
      return { tokens: data.input_tokens, headers: response.headers }
    },
  },
  {
    door: 'gemini-count-tokens',
    async count(model) {
      const client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: stage.address } })
      const { totalTokens, sdkHttpResponse } = await client.models.countTokens({ model, contents: text })
      return { tokens: totalTokens ?? -1, headers: new Headers(sdkHttpResponse?.headers) }
    },
  },
  {
    door: 'openai-input-tokens',
    async count(model) {
      const client = new OpenAI({ baseURL: `${stage.address}/v1`, apiKey: 'sk-any', maxRetries: 0 })
      const { data, response } = await client.responses.inputTokens
        .count({ model, instructions: 'Be brief.', input: text })
        .withResponse()
      return { tokens: data.input_tokens, headers: response.headers }
    },
  },
]

const countingTargets = [
  ['claude-opus-5-5', '/v1/messages/count_tokens'],
  ['gemini-2.5-flash', '/v1beta/models/gemini-2.5-flash:countTokens'],
  ['gpt-6-luna', '/v1/responses/input_tokens'],
] as const

const othersThan = ['command-a-03-2025', 'mistral-small-2603', 'ollama/llama3.2'] as const

for (const client of clients) {
  describe(client.door, () => {
    for (const [model, path] of countingTargets) {
      it(`tells what the provider of ${model} counts, for nothing`, async () => {
        const from = stage.double.received.length
        const { tokens, headers } = await client.count(model)
        assert.equal(tokens, countedTokens)
        assert.equal(headers.get('x-signalbox-estimated'), null)
        const [received] = stage.double.received.slice(from)
        assert.equal(received?.path, path)
        assert.ok(received?.text.includes(text))
        for (const member of ['max_tokens', 'max_output_tokens', 'generationConfig', 'stream', 'store']) {
          assert.ok(!received?.text.includes(`"${member}"`), member)
        }
        const rows = await stage.rowsOf(headers.get('x-request-id') ?? '')
        assert.deepEqual(
          rows.map((row) => [row.kind, row.door, row.model, row.input_tokens, row.cost_nano_usd]),
          [['charge', client.door, model, 0, 0]],
        )
      })
    }

    for (const model of othersThan) {
      it(`estimates for ${model}, and says so`, async () => {
        const from = stage.double.received.length
        const { tokens, headers } = await client.count(model)
        assert.ok(tokens > text.length / 8 && tokens < 800, String(tokens))
        assert.equal(headers.get('x-signalbox-estimated'), 'true')
        assert.equal(stage.double.received.length, from, 'nobody is asked')
        const [row] = await stage.rowsOf(headers.get('x-request-id') ?? '')
        assert.deepEqual([row?.kind, row?.attempt, row?.cost_nano_usd], ['charge', 0, 0])
      })
    }
  })
}

async function post(path: string, body: JsonObject, headers: Readonly<Record<string, string>> = {}) {
  const from = stage.double.received.length
  const response = await stage.house.post(path, body, headers)
  return { response, told: asObject(await response.json()) ?? {}, sent: stage.double.received.slice(from) }
}

describe('a request for a count', () => {
  it('of the same API goes on byte for byte, with the headers of its API', async () => {
    const body = {
      model: 'claude-opus-5-5',
      messages: [{ role: 'user', content: text }],
      brand_new_member: { x: [1] },
    } as const
    const { sent } = await post('/v1/messages/count_tokens', body, { 'anthropic-beta': 'some-beta-2026' })
    assert.deepEqual(sent[0]?.body, body)
    assert.equal(sent[0]?.headers['anthropic-beta'], 'some-beta-2026')
    const input = [{ role: 'user', content: text }]
    const responses = await post('/v1/responses/input_tokens', { model: 'gpt-6-luna', input, newer: 1 })
    assert.deepEqual(responses.sent[0]?.body, { model: 'gpt-6-luna', input, newer: 1 })
  })

  it('may hold a whole request of Gemini, of which instructions and tools count too', async () => {
    const request = {
      contents: [{ role: 'user', parts: [{ text }] }],
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      newMember: 1,
    }
    const { sent } = await post('/v1beta/models/gemini-2.5-flash:countTokens', {
      generateContentRequest: { model: 'models/gemini-2.5-flash', ...request },
    })
    assert.deepEqual(sent[0]?.body, {
      generateContentRequest: { model: 'models/gemini-2.5-flash', ...request },
    })
    const elsewhere = await post('/v1beta/models/claude-opus-5-5:countTokens', {
      generateContentRequest: { model: 'models/claude-opus-5-5', ...request },
    })
    const body = elsewhere.sent[0]?.body
    assert.equal(body?.['model'], 'claude-opus-5-5')
    assert.match(JSON.stringify(body?.['system']), /Be brief/)
    assert.equal(asArray(body?.['messages']).length, 1)
  })

  it('passes on what the provider says of a model that it does not know', async () => {
    stage.double.refusals = [
      {
        status: 404,
        body: { type: 'error', error: { type: 'not_found_error', message: 'model: claude-x' } },
      },
    ]
    const { response, told } = await post('/v1/messages/count_tokens', {
      model: 'anthropic/claude-x',
      messages: [{ role: 'user', content: text }],
    })
    assert.ok(response.status >= 400)
    assert.match(JSON.stringify(told), /claude-x/)
  })

  it('is answered though the budget is used up, for it costs nothing', async () => {
    const { response } = await post(
      '/v1/messages/count_tokens',
      { model: 'claude-opus-5-5', messages: [{ role: 'user', content: text }] },
      { 'x-signalbox-max-cost-usd': '0.000000001' },
    )
    assert.equal(response.status, 200)
  })
})
