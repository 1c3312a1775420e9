/** The Messages API as the official client uses it: text, pictures, schemas, both versions, models of every provider. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type Anthropic from '@anthropic-ai/sdk'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { assertAskedRightly, askingOf, askings, openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'
import { ask, clientOf, nextTurn, textOf, toolUses, weatherTool } from './anthropic-client.ts'
import type { Params } from './anthropic-client.ts'

let stage: ProviderStage
let client: Anthropic
before(async () => {
  stage = await openStage()
  client = clientOf(stage.house.address)
})
after(() => stage.close())

const hello: Params['messages'] = [{ role: 'user', content: 'Say hello.' }]
const png = tinyImages.png.split(',')[1] ?? ''

const claudeText = goldenRecording(
  'anthropic-messages',
  'anthropic-chat-with-schema-with-anthropic-claude-haiku-4-5-accepts-f252b847',
)
const gptText = goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8')
const geminiText = goldenRecording('gemini-generate', 'google-google-model-max-tokens-525c4347')

/** The body that the provider got. */
const sentBody = (): JsonObject => asObject(stage.received().at(-1)?.body) ?? {}

describe('any model of any provider', () => {
  for (const asking of askings) {
    it(`answers in the caller's own form: ${asking.model}`, async () => {
      stage.play(textOfDialect(asking.dialect))
      const message = await ask(client, { model: asking.model, max_tokens: 900, messages: hello }, false)
      const [request] = stage.received()
      assertAskedRightly(asking, request)
      assert.equal(message.type, 'message')
      assert.equal(message.role, 'assistant')
      assert.equal(textOf(message), textOfDialect(asking.dialect).expect.text)
      assert.ok(request?.bodyText.includes('900') && request.bodyText.includes('Say hello.'))
    })
  }
})

function textOfDialect(dialect: string): Recording {
  switch (dialect) {
    case 'anthropic-messages':
      return claudeText
    case 'openai-chat':
      return gptText
    case 'gemini-generate':
      return geminiText
    case 'cohere-chat':
      return goldenRecording('cohere-chat', 'cohere-cohere-max-tokens-1e7335be')
    default:
      return goldenRecording('openai-responses', 'openai-responses-parse-17b5ab67')
  }
}

describe('what the caller says reaches the model', () => {
  it('pictures, in questions and in results of tools', async () => {
    const call = goldenRecording('openai-chat', 'openai-parallel-tool-calls-44cbf65b')
    stage.play(call)
    const params: Params = {
      model: 'talking-gpt',
      max_tokens: 900,
      tools: [weatherTool],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
            { type: 'image', source: { type: 'url', url: 'https://pictures.test/a.jpg' } },
            { type: 'text', text: 'Which is warmer?' },
          ],
        },
      ],
    }
    const answer = await ask(client, params, false)
    const [asked] = asArray(sentBody()['messages'])
    assert.deepEqual(
      asArray(asObject(asked)?.['content']).map((part) => asObject(asObject(part)?.['image_url'])?.['url']),
      [`data:image/png;base64,${png}`, 'https://pictures.test/a.jpg', undefined],
    )
    const next = nextTurn(params, answer, 'see the picture')
    const results = toolUses(answer).map(({ id }) => ({
      type: 'tool_result' as const,
      tool_use_id: id,
      content: [
        { type: 'text' as const, text: 'a picture' },
        {
          type: 'image' as const,
          source: { type: 'base64' as const, media_type: 'image/png' as const, data: png },
        },
      ],
    }))
    stage.play(gptText)
    await ask(
      client,
      { ...next, messages: [...next.messages.slice(0, -1), { role: 'user', content: results }] },
      false,
    )
    const body = JSON.stringify(sentBody()['messages'])
    assert.equal(body.split(png).length - 1, 1 + results.length)
  })

  it('instructions, limits and samples under the words of the target', async () => {
    stage.play(geminiText)
    const sampled = { temperature: 0.5, top_k: 7 }
    await client.messages.create({
      model: 'some-gemini',
      max_tokens: 321,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      stop_sequences: ['END'],
      messages: hello,
      ...sampled,
    })
    const { generationConfig, systemInstruction } = sentBody()
    assert.deepEqual(generationConfig, {
      maxOutputTokens: 321,
      stopSequences: ['END'],
      temperature: 0.5,
      topK: 7,
    })
    assert.deepEqual(systemInstruction, { parts: [{ text: 'Be brief.' }] })
  })

  it('a schema, which the client reads the answer by', async () => {
    const recording = goldenRecording('openai-chat', 'openai-openai-native-output-f122fa39')
    stage.play(recording)
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    }
    const message = await client.messages.parse({
      model: 'talking-gpt',
      max_tokens: 500,
      messages: hello,
      output_config: { format: { type: 'json_schema', schema } },
    })
    assert.deepEqual(asObject(sentBody()['response_format'])?.['json_schema'], {
      name: 'answer',
      schema,
      strict: true,
    })
    assert.deepEqual(JSON.parse(textOf(message)), JSON.parse(recording.expect.text ?? ''))
  })

  it('a wish to think, and for how long', async () => {
    stage.play(textOfDialect('openai-responses'))
    await ask(
      client,
      {
        model: 'thinking-gpt',
        max_tokens: 9_000,
        thinking: { type: 'adaptive' },
        output_config: { effort: 'low' },
        messages: hello,
      },
      false,
    )
    assert.deepEqual(sentBody()['reasoning'], { effort: 'low', summary: 'auto' })
  })

  it('documents, context and results of a search as text where the model reads text', async () => {
    stage.play(gptText)
    const source = { type: 'text', media_type: 'text/plain', data: 'Grass is green.' } as const
    const found = {
      type: 'search_result',
      source: 'https://sky.test',
      title: 'Sky',
      content: [{ type: 'text', text: 'The sky is blue.' }],
    } as const
    const content: Anthropic.ContentBlockParam[] = [
      { type: 'document', source, title: 'Meadows', context: 'From a school book.' },
      { ...found, content: [...found.content] },
      { type: 'text', text: 'Which colours?' },
    ]
    await ask(client, { model: 'talking-gpt', max_tokens: 90, messages: [{ role: 'user', content }] }, false)
    const body = JSON.stringify(sentBody())
    for (const words of [
      'From a school book.',
      'Meadows',
      'Grass is green.',
      'https://sky.test',
      'The sky is blue.',
    ]) {
      assert.ok(body.includes(words), words)
    }
  })
})

describe('the two versions of the API', () => {
  const body = { model: 'some-claude', max_tokens: 50, messages: hello }

  it('the newer one with its bearer key, as the client sends it, with its betas', async () => {
    stage.play(claudeText)
    await client.messages.create(body, { headers: { 'anthropic-beta': 'context-1m-2025-08-07' } })
    const headers = stage.received()[0]?.headers ?? {}
    assert.equal(headers['anthropic-version'], '2026-10-21')
    assert.equal(headers['anthropic-beta'], 'context-1m-2025-08-07')
  })

  it('the older one with x-api-key, and a query behind the path', async () => {
    stage.play(claudeText)
    const response = await stage.house.post('/v1/messages?beta=true', body, {
      'x-api-key': 'callers-own-text',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'a-2025-01-01,b-2025-01-02',
    })
    const answer = (await response.json()) as Anthropic.Message
    assert.equal(textOf(answer), claudeText.expect.text)
    assert.equal(response.headers.get('request-id'), response.headers.get('x-request-id'))
    const [request] = stage.received()
    assertAskedRightly(askingOf('anthropic-messages'), request)
    assert.equal(request?.headers['anthropic-version'], '2023-06-01')
    assert.equal(request?.headers['anthropic-beta'], 'a-2025-01-01,b-2025-01-02')
  })
})

describe('what only Anthropic knows', () => {
  it('reaches it untouched, number by number, and what it answers comes back untouched', async () => {
    const reply = { ...(claudeText.reply.body as JsonObject), brand_new: { a: 1e3 } }
    const text = JSON.stringify(reply).replace('1000', '1.0e3')
    stage.play({ ...claudeText, reply: { ...claudeText.reply, body: text } })
    const sent = `{"max_tokens":  50,"brand_new":[1.0,12345678901234567890], "model":"some-claude","messages":[{"role":"user","content":[{"type":"brand_new","x":1.50},{"type":"text","text":"hi"}]}]}`
    const response = await stage.house.post('/v1/messages', sent)
    assert.equal(await response.text(), text)
    assert.equal(stage.received()[0]?.bodyText, sent.replace('"some-claude"', '"some-claude-20260101"'))
    assert.equal(response.headers.get('x-signalbox-dropped'), null)
  })

  it('is named when another model answers', async () => {
    stage.play(gptText)
    const response = await stage.house.post('/v1/messages', {
      model: 'talking-gpt',
      max_tokens: 50,
      messages: hello,
      inference_geo: 'eu',
      brand_new: 1,
      container: null,
    })
    assert.equal(response.status, 200, await response.clone().text())
    assert.equal(response.headers.get('x-signalbox-dropped'), 'inference_geo,brand_new')
  })

  it('never holds what other models wanted back', async () => {
    const params: Params = { model: 'some-gemini', max_tokens: 800, tools: [weatherTool], messages: hello }
    stage.play(
      goldenRecording(
        'gemini-generate',
        'google-chat-function-calling-thought-signatures-gemini-gemini-3-076c2d02',
      ),
    )
    const answer = await ask(client, params, false)
    stage.play(claudeText)
    await ask(client, { ...nextTurn(params, answer, 'sunny'), model: 'some-claude' }, false)
    const [request] = stage.received()
    assert.ok(!request?.bodyText.includes('signalbx'))
    const [, turn] = asArray(asObject(request?.body)?.['messages'])
    assert.deepEqual(
      asArray(asObject(turn)?.['content']).map((block) => asObject(block)?.['type']),
      ['tool_use'],
    )
  })

  it('a cap of 0 tokens, which fills its cache', async () => {
    stage.play(claudeText)
    await client.messages.create({ model: 'some-claude', max_tokens: 0, messages: hello })
    assert.equal(sentBody()['max_tokens'], 0)
  })
})
