/** Tool loops of two turns through the Gemini door, as Google's official client runs them: thinking keeps its thread at every provider. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { GoogleGenAI } from '@google/genai'
import type { Chat, Content, FunctionCall, Part, Schema } from '@google/genai'

import type { Dialect } from '#core/domain/chat.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { askingOf, assertAskedRightly, openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import { faultsOfBody, hasSchema } from '#tests/support/provider-schemas/validate-body.ts'
import type { Recording } from '#tests/support/recording.ts'

let stage: ProviderStage
let ai: GoogleGenAI
before(async () => {
  stage = await openStage()
  ai = new GoogleGenAI({ apiKey: 'callers-own-text', httpOptions: { baseUrl: stage.house.address } })
})
after(async () => {
  await assertNothingHeld(stage.house)
  await stage.close()
})

const toolOf = (name: string) => ({
  name,
  description: 'A tool.',
  parameters: { type: 'OBJECT', properties: {} } as unknown as Schema,
})

interface Loop {
  readonly chat: Chat
  readonly calls: readonly FunctionCall[]
  readonly thoughts: string
  /** What the provider got with the results. */
  readonly second: JsonObject
}

interface LoopWish {
  readonly dialect: Dialect
  readonly first: Recording
  readonly showsThoughts?: boolean
}

/** Asks, runs every tool that is called, and sends the results, all in one turn and without ids, as many examples do. */
async function loop({ dialect, first, showsThoughts = false }: LoopWish): Promise<Loop> {
  const functionDeclarations = [...new Set(first.expect.toolCalls?.map(({ name }) => name))].map(toolOf)
  const chat = ai.chats.create({
    model: askingOf(dialect).model,
    config: {
      tools: [{ functionDeclarations }],
      ...(showsThoughts ? { thinkingConfig: { includeThoughts: true } } : {}),
    },
  })
  stage.play(first)
  const parts = await partsOf(chat, first.reply.stream !== undefined, 'Use the tools.')
  const calls = parts.flatMap(({ functionCall }) => functionCall ?? [])
  const thoughts = parts.map(({ thought, text }) => (thought === true ? text : '')).join('')
  const results = calls.map(({ name = '' }, at) => ({
    functionResponse: { name, response: { output: `result ${at}` } },
  }))
  stage.play(goldenRecording(dialect, lastWords[dialect]))
  const answer = await chat.sendMessage({ message: results })
  assert.equal(answer.text, goldenRecording(dialect, lastWords[dialect]).expect.text)
  const request = stage.received().at(-1)
  assertAskedRightly(askingOf(dialect), request)
  if (hasSchema(dialect)) assert.deepEqual(faultsOfBody(dialect, request?.body), [])
  const second = asObject(request?.body)
  assert.ok(second)
  return { chat, calls, thoughts, second }
}

async function partsOf(chat: Chat, isStreamed: boolean, message: string): Promise<readonly Part[]> {
  if (!isStreamed) return (await chat.sendMessage({ message })).candidates?.[0]?.content?.parts ?? []
  const parts: Part[] = []
  for await (const piece of await chat.sendMessageStream({ message })) {
    parts.push(...(piece.candidates?.[0]?.content?.parts ?? []))
  }
  return parts
}

const lastWords: Readonly<Record<Dialect, string>> = {
  'openai-chat': 'openai-openai-chat-prompt-cache-e2e-b4589aa8',
  'openai-responses': 'openai-openai-responses-compact-with-auto-previous-response-id-04f54781',
  'anthropic-messages': 'anthropic-stop-settings-anthropic-4be142bb',
  'gemini-generate': 'google-stop-settings-google-88d7b78a',
  'cohere-chat': 'cohere-stop-settings-cohere-73899248',
}

const typesOf = (items: unknown) => asArray(items).map((item) => asObject(item)?.['type'])

describe('thinking of Anthropic', () => {
  for (const showsThoughts of [true, false]) {
    it(`goes back with its signature, in its place, ${showsThoughts ? 'shown' : 'hidden'}`, async () => {
      const first = goldenRecording('anthropic-messages', 'anthropic-anthropic-tool-with-thinking-ece5dd22')
      const { second, thoughts } = await loop({ dialect: 'anthropic-messages', first, showsThoughts })
      const original = asArray(asObject(first.reply.body)?.['content'])
      assert.equal(thoughts, showsThoughts ? first.expect.reasoning?.text : '')
      const [, assistant, results] = asArray(second['messages']).map(asObject)
      const blocks = asArray(assistant?.['content'])
      assert.deepEqual(blocks[0], original[0])
      assert.deepEqual(typesOf(blocks), typesOf(original))
      assert.deepEqual(typesOf(results?.['content']), ['tool_result'])
    })
  }

  it('survives a client that keeps the signatures of function calls alone', async () => {
    const first = goldenRecording('anthropic-messages', 'anthropic-anthropic-tool-with-thinking-ece5dd22')
    const { chat } = await loop({ dialect: 'anthropic-messages', first })
    const history = chat.getHistory().map((content): Content => ({
      ...content,
      parts: (content.parts ?? []).map(({ thoughtSignature, ...part }) =>
        part.functionCall && thoughtSignature ? { ...part, thoughtSignature } : part,
      ),
    }))
    stage.play(goldenRecording('anthropic-messages', lastWords['anthropic-messages']))
    await ai.models.generateContent({
      model: 'some-claude',
      contents: [...history, { role: 'user', parts: [{ text: 'And now?' }] }],
    })
    const body = asObject(stage.received().at(-1)?.body)
    const assistant = asObject(asArray(body?.['messages'])[1])
    assert.deepEqual(typesOf(assistant?.['content']), ['thinking', 'text', 'tool_use'])
  })
})

describe('encrypted reasoning of OpenAI', () => {
  for (const name of [
    'openai-tool-choice-matrix-auto-openai-responses-1f7f0dde',
    'openai-openai-responses-phase-streamed-on-part-start-1946e974',
  ]) {
    it(`goes back before its call (${name})`, async () => {
      const first = goldenRecording('openai-responses', name)
      const { second, calls } = await loop({ dialect: 'openai-responses', first })
      const types = typesOf(second['input'])
      const at = types.indexOf('reasoning')
      assert.ok(at > 0 && at < types.indexOf('function_call'))
      const item = asObject(asArray(second['input'])[at])
      const token = asString(item?.['encrypted_content']) ?? 'none'
      assert.ok(JSON.stringify(first.reply).includes(token))
      const outputs = asArray(second['input']).map(asObject)
      const output = outputs.find((one) => one?.['type'] === 'function_call_output')
      assert.equal(output?.['call_id'], calls[0]?.id)
    })
  }
})

describe('calls side by side', () => {
  const table = [
    ['openai-chat', 'openai-open-ai-function-calls-tools-streaming-parallel-de581ec8'],
    ['openai-responses', 'openai-openai-responses-model-retry-75f2fc89'],
    ['anthropic-messages', 'anthropic-chat-function-calling-anthropic-claude-haiku-4-5-can-use-681c1aa7'],
    ['gemini-generate', 'vertex-chat-function-calling-vertexai-gemini-2-5-flash-can-use-20636f87'],
    ['cohere-chat', 'cohere-cohere-tool-call-d2a8d511'],
  ] as const
  for (const [dialect, name] of table) {
    it(`come in whole parts and are answered in one turn (${dialect})`, async () => {
      const first = goldenRecording(dialect, name)
      const { calls, second } = await loop({ dialect, first })
      const expected = first.expect.toolCalls ?? []
      assert.ok(expected.length > 1)
      assert.deepEqual(
        calls.map(({ name: called, args }) => [called, args]),
        expected.map(({ name: called, arguments: args }) => [called, args ?? {}]),
      )
      if (dialect !== 'gemini-generate') assert.equal(new Set(calls.map(({ id }) => id)).size, calls.length)
      const text = JSON.stringify(second)
      for (const at of calls.keys()) assert.ok(text.includes(`result ${at}`))
    })
  }
})

describe('thinking of Gemini', () => {
  it('goes back byte for byte on the part that bore it', async () => {
    const first = goldenRecording(
      'gemini-generate',
      'google-chat-function-calling-thought-signatures-gemini-gemini-3-076c2d02',
    )
    const { second } = await loop({ dialect: 'gemini-generate', first, showsThoughts: true })
    const [candidate] = asArray(asObject(first.reply.body)?.['candidates'])
    assert.deepEqual(asArray(second['contents'])[1], asObject(candidate)?.['content'])
  })

  it('is not asked to believe the signatures of others', async () => {
    const first = goldenRecording('anthropic-messages', 'anthropic-anthropic-tool-with-thinking-ece5dd22')
    const { chat } = await loop({ dialect: 'anthropic-messages', first })
    stage.play(goldenRecording('gemini-generate', lastWords['gemini-generate']))
    const contents = [...chat.getHistory(), { role: 'user', parts: [{ text: 'And now?' }] }]
    await ai.models.generateContent({ model: 'some-gemini', contents })
    const body = asObject(stage.received().at(-1)?.body)
    const turn = asObject(asArray(body?.['contents'])[1])
    const signatures = asArray(turn?.['parts']).map((part) => asObject(part)?.['thoughtSignature'])
    assert.deepEqual(signatures, [undefined, 'skip_thought_signature_validator'])
    assert.ok(!JSON.stringify(body).includes('signalbx'))
  })
})
