/** The Gemini door with the Google providers of the AI SDK and of LangChain, which read and replay its parts in their own ways. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import { APICallError, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai'

import type { Dialect } from '#core/domain/chat.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import { askingOf, openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'

let stage: ProviderStage
before(async () => {
  stage = await openStage()
})
after(async () => {
  await assertNothingHeld(stage.house)
  await stage.close()
})

const whole = {
  'openai-chat': 'openai-tool-message-with-tool-call-id-4bc53599',
  'openai-responses': 'openai-openai-responses-compact-with-auto-previous-response-id-04f54781',
  'anthropic-messages': 'anthropic-stop-settings-anthropic-4be142bb',
  'gemini-generate': 'google-stop-settings-google-88d7b78a',
  'cohere-chat': 'cohere-stop-settings-cohere-73899248',
} as const satisfies Record<Dialect, string>
const streamed = {
  'openai-chat': 'openai-chat-completion-metrics-stream-4848b450',
  'openai-responses': 'openai-openai-responses-phase-streamed-on-part-start-3e9873a7',
  'anthropic-messages': 'anthropic-chat-with-extended-thinking-anthropic-claude-haiku-4-5-s-28578ca9',
  'gemini-generate': 'vertex-chat-streaming-responses-vertexai-gemini-2-5-flash-suppo-a02ad1b9',
  'cohere-chat': 'cohere-astream-fe6b6eee',
} as const satisfies Record<Dialect, string>
const dialectsAsked = Object.keys(whole) as Dialect[]
const thinking = () =>
  goldenRecording('anthropic-messages', 'anthropic-anthropic-tool-with-thinking-ece5dd22')
const typesOf = (items: unknown) => asArray(items).map((item) => asObject(item)?.['type'])

/** The assistant's turn as Anthropic got it back. */
function returnedTurn(): unknown {
  const body = asObject(stage.received().at(-1)?.body)
  const messages = asArray(body?.['messages']).map(asObject)
  return messages.find((message) => message?.['role'] === 'assistant')?.['content']
}

describe('the AI SDK', () => {
  const google = () =>
    createGoogleGenerativeAI({ baseURL: `${stage.house.address}/v1beta`, apiKey: 'callers-own-text' })
  const quiet = { maxRetries: 0, prompt: 'Say hello.' } as const

  for (const dialect of dialectsAsked) {
    it(`reads a whole answer and a stream (${dialect})`, async () => {
      const model = google()(askingOf(dialect).model)
      const first = goldenRecording(dialect, whole[dialect])
      stage.play(first)
      const answer = await generateText({ model, ...quiet })
      assert.equal(answer.text, first.expect.text)
      assert.equal(answer.finishReason, 'stop')
      assert.equal(answer.usage.inputTokens, first.expect.usage?.inputTokens)
      const second = goldenRecording(dialect, streamed[dialect])
      stage.play(second)
      assert.equal(await streamText({ model, ...quiet }).text, second.expect.text)
    })
  }

  it('names a model by its provider, with or without models/', async () => {
    for (const name of ['anthropic/some-claude', 'models/anthropic/some-claude']) {
      stage.play(goldenRecording('anthropic-messages', whole['anthropic-messages']))
      assert.ok((await generateText({ model: google()(name), ...quiet })).text)
    }
  })

  it('runs a tool and gives Anthropic its thinking back', async () => {
    stage.play(thinking(), goldenRecording('anthropic-messages', whole['anthropic-messages']))
    const { steps } = await generateText({
      model: google()('some-claude'),
      ...quiet,
      stopWhen: stepCountIs(2),
      tools: {
        get_user_country: tool({
          inputSchema: jsonSchema({ type: 'object', properties: {} }),
          execute: () => 'Mexico',
        }),
      },
    })
    assert.equal(steps.length, 2)
    assert.deepEqual(typesOf(returnedTurn()), ['thinking', 'text', 'tool_use'])
  })

  it('shows the sentence of an error', async () => {
    await assert.rejects(generateText({ model: google()('some-cluade'), ...quiet }), (thrown) => {
      assert.ok(APICallError.isInstance(thrown))
      assert.equal(thrown.statusCode, 404)
      assert.match(thrown.message, /some-claude/)
      return true
    })
  })
})

describe('LangChain', () => {
  const modelOf = (model: string) =>
    new ChatGoogleGenerativeAI({
      model,
      apiKey: 'callers-own-text',
      baseUrl: stage.house.address,
      maxRetries: 0,
    })

  for (const dialect of dialectsAsked) {
    it(`reads a whole answer and a stream (${dialect})`, async () => {
      const model = modelOf(askingOf(dialect).model)
      const first = goldenRecording(dialect, whole[dialect])
      stage.play(first)
      assert.equal((await model.invoke('Say hello.')).text, first.expect.text)
      const second = goldenRecording(dialect, streamed[dialect])
      stage.play(second)
      let text = ''
      for await (const piece of await model.stream('Say hello.')) text += piece.text
      assert.equal(text, second.expect.text)
    })
  }

  it('runs a tool and gives Anthropic its thinking back, though it keeps the signatures of calls alone', async () => {
    const model = modelOf('some-claude').bindTools([
      { name: 'get_user_country', description: 'Where.', schema: { type: 'object', properties: {} } },
    ])
    stage.play(thinking())
    const question = new HumanMessage('Where am I?')
    const answer = await model.invoke([question])
    const [call] = answer.tool_calls ?? []
    assert.equal(call?.name, 'get_user_country')
    stage.play(goldenRecording('anthropic-messages', whole['anthropic-messages']))
    const result = new ToolMessage({ content: 'Mexico', tool_call_id: call.id ?? '', name: call.name })
    await model.invoke([question, answer, result])
    assert.deepEqual(typesOf(returnedTurn()), ['thinking', 'text', 'tool_use'])
  })
})
