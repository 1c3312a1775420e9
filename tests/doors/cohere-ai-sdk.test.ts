/** POST /v2/chat with the Cohere provider of the AI SDK, which is stricter than the official client about every event. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { createCohere } from '@ai-sdk/cohere'
import { APICallError, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai'
import type { FinishReason, ModelMessage } from 'ai'

import type { Dialect } from '#core/domain/chat.ts'
import { askingOf, openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld } from '#tests/journeys/records.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import { faultsOfBody, hasSchema } from '#tests/support/provider-schemas/validate-body.ts'
import type { Recording } from '#tests/support/recording.ts'
import { replyBytes } from '#tests/support/recording.ts'

let stage: ProviderStage
let cohere: ReturnType<typeof createCohere>
before(async () => {
  stage = await openStage()
  cohere = createCohere({ baseURL: `${stage.house.address}/v2`, apiKey: 'callers-own-text' })
})
after(async () => {
  await assertNothingHeld(stage.house)
  await stage.close()
})

const modelOf = (dialect: Dialect) => cohere(askingOf(dialect).model)
const quiet = { maxRetries: 0, prompt: 'Say hello.' } as const

function assertTaken(dialect: Dialect): void {
  const body = stage.received().at(-1)?.body
  if (hasSchema(dialect)) assert.deepEqual(faultsOfBody(dialect, body), [])
}

const texts = [
  ['openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8'],
  ['openai-responses', 'openai-openai-responses-phase-streamed-on-part-start-3e9873a7'],
  ['anthropic-messages', 'anthropic-chat-with-extended-thinking-anthropic-claude-haiku-4-5-s-28578ca9'],
  ['anthropic-messages', 'anthropic-chat-citations-with-anthropic-claude-haiku-4-5-streams-c-f2913e2c'],
  ['gemini-generate', 'google-chat-gemini-token-accounting-correctly-sums-candidatesto-5c837769'],
  ['gemini-generate', 'vertex-chat-with-extended-thinking-vertexai-gemini-3-flash-prev-76c48602'],
  ['cohere-chat', 'cohere-astream-fe6b6eee'],
  ['cohere-chat', 'cohere-chat-citations-with-cohere-command-a-plus-05-2026-cites-70aafbab'],
] as const satisfies ReadonlyArray<readonly [Dialect, string]>

describe('text and thinking', () => {
  for (const [dialect, name] of texts) {
    const recording = goldenRecording(dialect, name)
    it(`are what ${name} says`, async () => {
      stage.play(recording)
      const { text, reasoning, usage, finish } = await hear(recording)
      const { expect } = recording
      assert.equal(text, expect.text)
      assert.equal(reasoning.trim(), expect.reasoning?.text.trim())
      assert.equal(finish, 'stop')
      assert.equal(usage.outputTokens, expect.usage?.outputTokens)
      assertTaken(dialect)
    })
  }
})

interface HeardText {
  readonly text: string
  readonly reasoning: string
  readonly usage: { readonly outputTokens: number | undefined }
  readonly finish: FinishReason
}

async function hear({ dialect, reply }: Recording): Promise<HeardText> {
  const model = modelOf(dialect)
  if (reply.stream === undefined) {
    const answer = await generateText({ model, ...quiet })
    const { text, finalStep, usage, finishReason: finish } = answer
    return { text, reasoning: finalStep.reasoningText ?? '', usage, finish }
  }
  const errors: unknown[] = []
  const answer = streamText({ model, ...quiet, onError: ({ error }) => void errors.push(error) })
  const text = await answer.text
  assert.deepEqual(errors, [])
  const [{ reasoningText = '' }, usage, finish] = await Promise.all([
    answer.finalStep,
    answer.usage,
    answer.finishReason,
  ])
  return { text, reasoning: reasoningText, usage, finish }
}

/** The client returns nothing but names, ids and arguments: tokens of thinking are lost, and the next turn is still taken. */
const loops = [
  ['cohere-chat', 'cohere-cohere-tool-call-d2a8d511', 'cohere-astream-fe6b6eee'],
  [
    'openai-chat',
    'openai-open-ai-function-calls-tools-streaming-parallel-de581ec8',
    'openai-openai-moderation-stream-abb9b384',
  ],
  [
    'openai-responses',
    'openai-openai-responses-phase-streamed-on-part-start-1946e974',
    'openai-openai-responses-phase-streamed-on-part-start-3e9873a7',
  ],
  [
    'anthropic-messages',
    'anthropic-chat-function-calling-anthropic-claude-haiku-4-5-can-use-2f6bf4b7',
    'anthropic-chat-function-calling-anthropic-claude-haiku-4-5-can-use-68e57723',
  ],
  [
    'gemini-generate',
    'google-google-stream-tool-call-arguments-a8aea6ce',
    'google-chat-function-calling-gemini-gemini-2-5-flash-can-use-to-4857ab63',
  ],
] as const satisfies ReadonlyArray<readonly [Dialect, string, string]>

describe('a loop of tools', () => {
  for (const [dialect, calls, answer] of loops) {
    it(`runs to its end at ${dialect}`, async () => {
      const called = goldenRecording(dialect, calls)
      const answered = goldenRecording(dialect, answer)
      stage.play(called, answered)
      const inputs: unknown[] = []
      const run = tool({
        inputSchema: jsonSchema<object>({ type: 'object', properties: {} }),
        execute: (input) => {
          inputs.push(input)
          return { degrees: 21 }
        },
      })
      const names = (called.expect.toolCalls ?? []).map(({ name }) => name)
      const result = streamText({
        model: modelOf(dialect),
        ...quiet,
        tools: Object.fromEntries(names.map((name) => [name, run])),
        stopWhen: stepCountIs(3),
      })
      assert.equal(await result.text, answered.expect.text)
      assert.deepEqual(
        inputs,
        called.expect.toolCalls?.map((call) => call.arguments),
      )
      assert.equal(stage.received().length, 2)
      assertTaken(dialect)
    })
  }
})

describe('the rest', () => {
  it('shows a picture to models of every provider', async () => {
    const messages: ModelMessage[] = [
      { role: 'user', content: [{ type: 'file', data: tinyImages.png, mediaType: 'image/png' }] },
    ]
    stage.play(goldenRecording('gemini-generate', 'google-stop-settings-google-88d7b78a'))
    await generateText({ model: modelOf('gemini-generate'), messages, maxRetries: 0 })
    const base64 = tinyImages.png.slice(tinyImages.png.indexOf(',') + 1)
    assert.ok(stage.received().at(-1)?.bodyText.includes(base64))
  })

  it('gives documents to models of every provider as text', async () => {
    const file = { type: 'file', mediaType: 'text/plain', filename: 'rules.txt' } as const
    const data = { type: 'text', text: 'Trains stop at red.' } as const
    const messages: ModelMessage[] = [
      {
        role: 'user',
        content: [
          { ...file, data },
          { type: 'text', text: 'Where do trains stop?' },
        ],
      },
    ]
    stage.play(goldenRecording('anthropic-messages', 'anthropic-stop-settings-anthropic-4be142bb'))
    await generateText({ model: modelOf('anthropic-messages'), messages, maxRetries: 0 })
    assert.match(
      stage.received().at(-1)?.bodyText ?? '',
      /Trains stop at red\..*rules\.txt.*Where do trains stop/,
    )
  })

  it('holds a model to a schema', async () => {
    stage.play(
      goldenRecording(
        'cohere-chat',
        'cohere-chat-with-schema-with-cohere-command-a-03-2025-accepts-a-856ffd00',
      ),
    )
    const schema = jsonSchema<{ name: string; age: number }>({
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer' } },
      required: ['name', 'age'],
    })
    const { output } = await generateText({
      model: modelOf('cohere-chat'),
      ...quiet,
      output: Output.object({ schema }),
    })
    assert.deepEqual(output, { name: 'John', age: 30 })
  })

  it('tells an error with its status and words', async () => {
    const call = generateText({ model: cohere('some-comand'), ...quiet })
    await assert.rejects(call, (thrown) => {
      assert.ok(APICallError.isInstance(thrown))
      assert.equal(thrown.statusCode, 404)
      assert.match(thrown.message, /some-command/)
      return true
    })
  })

  it('hears of a break in the middle of a stream', async () => {
    const recording = goldenRecording('openai-chat', 'openai-openai-moderation-stream-abb9b384')
    const afterBytes = Math.floor(replyBytes(recording.reply).length / 2)
    stage.play({ recording, cut: { afterBytes, how: 'fin' } })
    const answer = streamText({ model: modelOf('openai-chat'), ...quiet, onError: () => undefined })
    assert.equal(await answer.finishReason, 'error')
  })
})
