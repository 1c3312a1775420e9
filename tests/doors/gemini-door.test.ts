/** The Gemini door with Google's official client, for models of every provider: what goes out, and what comes back. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { GoogleGenAI } from '@google/genai'
import type { GenerateContentParameters, Schema } from '@google/genai'

import type { Dialect } from '#core/domain/chat.ts'
import {
  askingOf,
  askings,
  assertAskedRightly,
  openStage,
  recordingsOf,
} from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld } from '#tests/journeys/records.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import { faultsOfBody, hasSchema } from '#tests/support/provider-schemas/validate-body.ts'
import type { Recording } from '#tests/support/recording.ts'
import { replyBytes } from '#tests/support/recording.ts'

let stage: ProviderStage
let ai: GoogleGenAI
before(async () => {
  stage = await openStage()
  ai = clientOf()
})
after(async () => {
  await assertNothingHeld(stage.house)
  await stage.close()
})

const clientOf = (apiVersion?: string) =>
  new GoogleGenAI({
    apiKey: 'callers-own-text',
    ...(apiVersion === undefined ? {} : { apiVersion }),
    httpOptions: { baseUrl: stage.house.address },
  })

type Wish = Partial<GenerateContentParameters>
const wishTo = (dialect: Dialect, wish: Wish): GenerateContentParameters => ({
  model: askingOf(dialect).model,
  contents: 'Say hello.',
  ...wish,
})
const ask = (dialect: Dialect, wish: Wish = {}) => ai.models.generateContent(wishTo(dialect, wish))

/** What the provider received last: its own path and key, and a body that its reference allows. */
function received(dialect: Dialect): Readonly<Record<string, unknown>> {
  const request = stage.received().at(-1)
  assertAskedRightly(askingOf(dialect), request)
  if (hasSchema(dialect)) assert.deepEqual(faultsOfBody(dialect, request?.body), [])
  return request?.body as Readonly<Record<string, unknown>>
}

const plain = ({ expect, reply }: Recording, isStreamed: boolean) =>
  expect.outcome === 'ok' &&
  (expect.text ?? '') !== '' &&
  (expect.toolCalls ?? []).length === 0 &&
  expect.thinkTags === undefined &&
  (reply.stream !== undefined) === isStreamed

describe('a text of any provider', () => {
  for (const asking of askings) {
    it(`comes through whole and streamed, under either version (${asking.dialect})`, async () => {
      for (const client of [clientOf(), clientOf('v1beta'), clientOf('v1alpha')]) {
        const whole = recordingsOf(asking).find((one) => plain(one, false))
        assert.ok(whole)
        stage.play(whole)
        const answer = await client.models.generateContent(wishTo(asking.dialect, {}))
        assert.equal(answer.text, whole.expect.text)
        assert.equal(answer.usageMetadata?.totalTokenCount, totalOf(whole))
        const streamed = recordingsOf(asking).find((one) => plain(one, true))
        assert.ok(streamed)
        stage.play(streamed)
        let text = ''
        for await (const piece of await client.models.generateContentStream(wishTo(asking.dialect, {}))) {
          text += piece.text ?? ''
        }
        assert.equal(text, streamed.expect.text)
        received(asking.dialect)
      }
    })
  }

  it('is found by provider and name, and by what a route chooses', async () => {
    stage.play(goldenRecording('anthropic-messages', 'anthropic-stop-settings-anthropic-4be142bb'))
    for (const model of ['anthropic/some-claude', 'models/some-claude', 'models/anthropic/some-claude']) {
      assert.equal((await ask('anthropic-messages', { model })).modelVersion?.startsWith('claude'), true)
    }
    const encoded = await stage.house.post('/v1beta/models/anthropic%2Fsome-claude:generateContent', {
      contents: [{ parts: [{ text: 'x' }] }],
    })
    assert.equal(encoded.status, 200, await encoded.text())
  })
})

const totalOf = ({ expect }: Recording) =>
  (expect.usage?.inputTokens ?? 0) + (expect.usage?.outputTokens ?? 0)

const weather = {
  name: 'weather',
  description: 'The weather at a place.',
  parameters: {
    type: 'OBJECT',
    properties: {
      place: { type: 'STRING' },
      days: { type: 'INTEGER', minimum: 1, nullable: true },
      unit: { type: 'STRING', format: 'enum', enum: ['C', 'F'] },
    },
    required: ['place'],
  } as unknown as Schema,
}
const tools = [{ functionDeclarations: [weather] }]

describe('what is asked', () => {
  it('reaches a model of another provider in its own words', async () => {
    stage.play(goldenRecording('anthropic-messages', 'anthropic-stop-settings-anthropic-4be142bb'))
    await ask('anthropic-messages', {
      contents: [
        {
          role: 'user',
          parts: [
            { text: 'Look.' },
            { inlineData: { mimeType: 'image/png', data: tinyImages.png.split(',')[1] ?? '' } },
            { fileData: { fileUri: 'https://example.com/b.png' } },
          ],
        },
      ],
      config: {
        systemInstruction: 'Be brief.',
        maxOutputTokens: 500,
        stopSequences: ['END'],
        tools,
        toolConfig: { functionCallingConfig: { mode: 'ANY' as never, allowedFunctionNames: ['weather'] } },
      },
    })
    const body = received('anthropic-messages')
    assert.equal(body['system'], 'Be brief.')
    assert.equal(body['max_tokens'], 500)
    assert.deepEqual(body['stop_sequences'], ['END'])
    assert.deepEqual(body['tool_choice'], { type: 'tool', name: 'weather' })
    assert.deepEqual(body['tools'], [
      {
        name: 'weather',
        description: 'The weather at a place.',
        input_schema: {
          type: 'object',
          properties: {
            place: { type: 'string' },
            days: { type: ['integer', 'null'], minimum: 1 },
            unit: { type: 'string', enum: ['C', 'F'] },
          },
          required: ['place'],
        },
      },
    ])
    const [message] = body['messages'] as readonly {
      readonly content: readonly { readonly type: string }[]
    }[]
    assert.deepEqual(
      message?.content.map(({ type }) => type),
      ['text', 'image', 'image'],
    )
  })

  it('asks for structured output where every provider knows a schema', async () => {
    const responseSchema = { type: 'OBJECT', properties: { a: { type: 'NUMBER' } } } as unknown as Schema
    const config = { responseMimeType: 'application/json', responseSchema }
    stage.play(goldenRecording('openai-responses', 'openai-responses-parse-17b5ab67'))
    const answer = await ask('openai-responses', { config })
    assert.ok(JSON.parse(answer.text ?? ''))
    const { format } = received('openai-responses')['text'] as {
      readonly format: { readonly schema: object }
    }
    assert.deepEqual(format.schema, { type: 'object', properties: { a: { type: 'number' } } })
  })

  it('reaches Gemini itself byte for byte, but for the cap that the money pays for', async () => {
    stage.play(goldenRecording('gemini-generate', 'google-stop-settings-google-88d7b78a'))
    const text =
      '{ "contents": [ {"parts":[{"text":"Hi", "brandNew":1.0}]} ],"safety_settings":[],"generation_config":{"top_k":1} }'
    const response = await stage.house.post('/v1/models/some-gemini:generateContent', text)
    assert.equal(response.status, 200, await response.text())
    const sent = stage.received().at(-1)?.bodyText ?? ''
    const start = text.indexOf('{"top_k"')
    assert.equal(sent.slice(0, start), text.slice(0, start))
    assert.match(sent.slice(start), /^\{"top_k":1,"max_output_tokens":\d+\} \}$/)
  })

  it('tells what only Gemini knows and others were asked without', async () => {
    stage.play(goldenRecording('anthropic-messages', 'anthropic-stop-settings-anthropic-4be142bb'))
    const response = await stage.house.post('/v1/models/some-claude:generateContent', {
      contents: [{ parts: [{ text: 'x' }] }],
      labels: { team: 'a' },
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
    })
    assert.equal(response.status, 200, await response.text())
    assert.match(response.headers.get('x-signalbox-dropped') ?? '', /labels.*safetySettings/)
  })
})

describe('an answer of Gemini itself', () => {
  const natives = recordingsOf(askingOf('gemini-generate')).filter(({ expect }) => expect.outcome === 'ok')

  it('streams as one JSON array of the very objects of its frames', async () => {
    const streams = natives.filter(({ reply }) => reply.stream !== undefined)
    assert.ok(streams.length >= 5)
    for (const recording of streams) {
      stage.play(recording)
      const response = await stage.house.post('/v1beta/models/some-gemini:streamGenerateContent', {
        contents: [{ parts: [{ text: 'x' }] }],
      })
      const text = await response.text()
      assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8')
      const frames = Buffer.from(replyBytes(recording.reply))
        .toString()
        .split(/\r?\n\r?\n/)
      const objects = frames
        .filter((frame) => frame.trim() !== '')
        .map((frame) => frame.replace(/^data: /, ''))
      assert.ok(Array.isArray(JSON.parse(text)))
      assert.equal(text, `[${objects.join(',\r\n')}]\n`)
    }
  })
})

describe('the list of models', () => {
  it('is read a page at a time, and one of them by name', async () => {
    for (const client of [clientOf(), clientOf('v1beta'), clientOf('v1alpha')]) {
      const names: string[] = []
      for await (const model of await client.models.list({ config: { pageSize: 2 } })) {
        names.push(model.name ?? '')
      }
      for (const { model } of askings) assert.ok(names.includes(`models/${model}`), model)
      assert.equal(new Set(names).size, names.length)
      const one = await client.models.get({ model: 'some-claude' })
      assert.equal(one.name, 'models/some-claude')
      assert.equal(one.inputTokenLimit, 1_000_000)
      assert.ok(one.supportedActions?.includes('generateContent'))
      await assert.rejects(client.models.get({ model: 'some-cluade' }), /Nearest: some-claude.*NOT_FOUND/)
    }
  })
})
