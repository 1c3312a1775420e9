/** POST /v2/chat with Cohere's official client, for models of every provider: what goes out, and what comes back. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { CohereClientV2 } from 'cohere-ai'
import type { Cohere } from 'cohere-ai'

import type { Dialect } from '#core/domain/chat.ts'
import { parseJson } from '#core/domain/json.ts'
import { askingOf, askings, assertAskedRightly, openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld } from '#tests/journeys/records.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import { faultsOfBody, hasSchema } from '#tests/support/provider-schemas/validate-body.ts'
import type { Recording } from '#tests/support/recording.ts'
import { gatherMessage } from './cohere-message.ts'

let stage: ProviderStage
let client: CohereClientV2
before(async () => {
  stage = await openStage()
  client = new CohereClientV2({
    token: 'callers-own-text',
    environment: stage.house.address,
    maxRetries: 0,
  })
})
after(async () => {
  await assertNothingHeld(stage.house)
  await stage.close()
})

type Wish = Partial<Cohere.V2ChatRequest>
const hello: Cohere.ChatMessageV2 = { role: 'user', content: 'Say hello.' }
const wishTo = (dialect: Dialect, wish: Wish) => ({
  model: askingOf(dialect).model,
  messages: [hello],
  ...wish,
})
const ask = (dialect: Dialect, wish: Wish = {}) => client.chat(wishTo(dialect, wish))

async function askStream(dialect: Dialect, wish: Wish = {}) {
  const gathering = gatherMessage()
  for await (const event of await client.chatStream(wishTo(dialect, wish))) gathering.add(event)
  assert.equal(gathering.fault(), undefined)
  return gathering
}

/** What the provider received last: its own path and key, and a body that its reference allows. */
function received(dialect: Dialect): Readonly<Record<string, unknown>> {
  const request = stage.received().at(-1)
  assertAskedRightly(askingOf(dialect), request)
  if (hasSchema(dialect)) assert.deepEqual(faultsOfBody(dialect, request?.body), [])
  return request?.body as Readonly<Record<string, unknown>>
}

const recording = {
  'openai-chat': 'openai-openai-chat-prompt-cache-e2e-b4589aa8',
  'openai-responses': 'openai-openai-responses-compact-with-auto-previous-response-id-04f54781',
  'anthropic-messages': 'anthropic-stop-settings-anthropic-4be142bb',
  'gemini-generate': 'google-stop-settings-google-88d7b78a',
  'cohere-chat': 'cohere-stop-settings-cohere-73899248',
} as const satisfies Record<Dialect, string>
const plainAnswer = (dialect: Dialect) => goldenRecording(dialect, recording[dialect])

for (const { dialect, provider } of askings) {
  describe(`${dialect} at ${provider}`, () => {
    it('answers in text', async () => {
      stage.play(plainAnswer(dialect))
      const { message, id, usage } = await ask(dialect)
      const { expect } = plainAnswer(dialect)
      assert.equal(
        message.content?.map((item) => (item.type === 'text' ? item.text : '')).join(''),
        expect.text,
      )
      assert.equal(usage?.tokens?.inputTokens, expect.usage?.inputTokens)
      assert.notEqual(id, '')
      received(dialect)
    })

    it('is told everything that the request says', async () => {
      stage.play(plainAnswer(dialect))
      await ask(dialect, {
        messages: [{ role: 'system', content: 'Be brief.' }, hello],
        maxTokens: 321,
        ...(dialect === 'openai-responses' || dialect === 'anthropic-messages'
          ? {}
          : { temperature: 0.5, seed: 7 }),
        ...(dialect === 'openai-responses' ? {} : { stopSequences: ['END'] }),
      })
      const text = JSON.stringify(received(dialect))
      assert.match(text, /Be brief\./)
      assert.match(text, /:321[,}]/)
      if (dialect !== 'openai-responses') assert.match(text, /"END"/)
    })

    it('sees a picture', async () => {
      stage.play(plainAnswer(dialect))
      const content: Cohere.Content[] = [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', imageUrl: { url: tinyImages.png } },
      ]
      await ask(dialect, { messages: [{ role: 'user', content }] })
      const base64 = tinyImages.png.slice(tinyImages.png.indexOf(',') + 1)
      assert.ok(JSON.stringify(received(dialect)).includes(base64))
    })

    it('is held to a schema', async () => {
      stage.play(plainAnswer(dialect))
      const jsonSchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
      await ask(dialect, { responseFormat: { type: 'json_object', jsonSchema } })
      assert.match(JSON.stringify(received(dialect)), /"city":\{"type":"string"\}/)
    })
  })
}

const weather: Cohere.ToolV2 = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Tells the weather.',
    parameters: { type: 'object', properties: {} },
  },
}

interface Loop {
  readonly calls: Recording
  readonly answer: Recording
  /** What must come back to the provider in the second turn. */
  readonly token?: RegExp
}

const loopOf = (dialect: Dialect, calls: string, answer: string, token?: RegExp): Loop => ({
  calls: goldenRecording(dialect, calls),
  answer: goldenRecording(dialect, answer),
  ...(token ? { token } : {}),
})

const loops: readonly Loop[] = [
  loopOf(
    'cohere-chat',
    'cohere-chat-function-calling-cohere-command-a-03-2025-can-use-t-1f442a88',
    recording['cohere-chat'],
  ),
  loopOf(
    'cohere-chat',
    'cohere-cohere-tool-call-d2a8d511',
    'cohere-chat-function-calling-cohere-command-a-03-2025-can-use-t-77bd0fcb',
  ),
  loopOf('openai-chat', 'openai-parallel-tool-calls-44cbf65b', recording['openai-chat']),
  loopOf(
    'openai-chat',
    'openai-open-ai-function-calls-tools-streaming-parallel-de581ec8',
    'openai-openai-moderation-stream-abb9b384',
  ),
  loopOf(
    'anthropic-messages',
    'anthropic-anthropic-tool-with-thinking-ece5dd22',
    'anthropic-anthropic-tool-with-thinking-f803b198',
    /"type":"thinking","thinking":"The user is asking[^}]*"signature":"EqEECkYICxgCKkAo3UA4/,
  ),
  loopOf(
    'gemini-generate',
    'google-chat-function-calling-thought-signatures-gemini-gemini-3-076c2d02',
    'google-chat-function-calling-thought-signatures-gemini-gemini-3-85747347',
    /"id":"call_883098","name":"weather"[^}]*\}\},"thoughtSignature":"ErkECrYEARFNMg/,
  ),
  loopOf(
    'gemini-generate',
    'google-chat-function-calling-gemini-gemini-2-5-flash-can-use-to-8575913e',
    'google-chat-function-calling-gemini-gemini-2-5-flash-can-use-to-4857ab63',
    /"functionCall":\{"name":"weather"[^}]*\}\},"thoughtSignature":"[\w+/]{40}/,
  ),
  loopOf(
    'openai-responses',
    'openai-tool-choice-matrix-auto-openai-responses-1f7f0dde',
    'openai-tool-choice-matrix-auto-openai-responses-bb343881',
    /"type":"reasoning"[^}]*"encrypted_content":"gAAAAABpe8H1NACf00lBwCrY/,
  ),
  loopOf(
    'openai-responses',
    'openai-openai-responses-phase-streamed-on-part-start-1946e974',
    'openai-openai-responses-phase-streamed-on-part-start-3e9873a7',
    /"type":"reasoning"[^}]*"encrypted_content":"gAAAA/,
  ),
]

describe('a loop of tools', () => {
  for (const { calls, answer, token } of loops) {
    const isStreamed = calls.reply.stream !== undefined
    it(`goes on where it was: ${calls.name}${isStreamed ? ', streamed' : ''}`, async () => {
      const { dialect } = calls
      const tools = [weather]
      stage.play(calls, answer)
      const first = isStreamed
        ? (await askStream(dialect, { tools })).assistant()
        : (await ask(dialect, { tools })).message
      const wanted = calls.expect.toolCalls ?? []
      assert.deepEqual(
        first.toolCalls?.map((call) => [call.function?.name, parseJson(call.function?.arguments || '{}')]),
        wanted.map((call) => [call.name, call.arguments]),
      )
      const results = (first.toolCalls ?? []).map((call): Cohere.ChatMessageV2 => ({
        role: 'tool',
        toolCallId: call.id,
        content: [{ type: 'document', document: { data: { degrees: '21' } } }],
      }))
      const messages = [hello, first, ...results]
      const second = isStreamed
        ? (await askStream(dialect, { tools, messages })).text()
        : (await ask(dialect, { tools, messages })).message.content
            ?.map((item) => ('text' in item ? item.text : ''))
            .join('')
      assert.equal(second, answer.expect.text)
      const sent = JSON.stringify(received(dialect))
      assert.match(sent, /degrees/)
      assert.doesNotMatch(sent, /carried|signalbx/)
      if (token) assert.match(sent, token)
    })
  }
})
