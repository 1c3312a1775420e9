/** Rounds of tools through the official Anthropic client: what a provider wants back reaches it unharmed. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type Anthropic from '@anthropic-ai/sdk'
import type { Dialect } from '#core/domain/chat.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { askingOf, openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import { ask, clientOf, nextTurn, toolUses, weatherTool } from './anthropic-client.ts'
import type { Params } from './anthropic-client.ts'

let stage: ProviderStage
let client: Anthropic
before(async () => {
  stage = await openStage()
  client = clientOf(stage.house.address)
})
after(() => stage.close())

interface Round {
  readonly dialect: Dialect
  /** The answer with calls, then the answer to their results. */
  readonly recordings: readonly [calls: string, end: string]
  readonly isStreamed: boolean
}

/** Asks, runs the tools, asks again; returns both answers and the body that the provider got the second time. */
async function run({ dialect, recordings, isStreamed }: Round, changes: Partial<Params> = {}) {
  const params: Params = {
    model: askingOf(dialect).model,
    max_tokens: 8_000,
    tools: [weatherTool],
    messages: [{ role: 'user', content: 'What is the weather in Berlin?' }],
    ...changes,
  }
  stage.play(goldenRecording(dialect, recordings[0]))
  const first = await ask(client, params, isStreamed)
  stage.play(goldenRecording(dialect, recordings[1]))
  const next = nextTurn(params, first, '15 degrees')
  const second = await ask(client, next, isEndStreamed(dialect, recordings[1]))
  return { first, second, next, sent: asObject(stage.received().at(-1)?.body) ?? {} }
}

const isEndStreamed = (dialect: Dialect, name: string) =>
  goldenRecording(dialect, name).reply.stream !== undefined

const partsOf = (sent: JsonObject) =>
  asArray(sent['contents']).flatMap((content) => asArray(asObject(content)?.['parts']).map(asObject))

describe('a round of tools', () => {
  const end = 'google-chat-function-calling-thought-signatures-gemini-gemini-3-85747347'
  for (const [name, isStreamed] of [
    ['google-chat-function-calling-thought-signatures-gemini-gemini-3-076c2d02', false],
    ['google-chat-function-calling-gemini-gemini-2-5-flash-can-use-to-8575913e', true],
    ['google-google-stream-tool-call-arguments-a8aea6ce', true],
    ['vertex-chat-function-calling-vertexai-gemini-2-5-flash-can-use-20636f87', false],
  ] as const) {
    it(`brings Gemini its signature and its ids back in place: ${name}`, async () => {
      const { first, second, sent } = await run({
        dialect: 'gemini-generate',
        recordings: [name, end],
        isStreamed,
      })
      assert.equal(first.stop_reason, 'tool_use')
      const answered = recordedCalls(goldenRecording('gemini-generate', name).reply)
      const returned = partsOf(sent).filter((part) => part?.['functionCall'] !== undefined)
      assert.ok(answered.some(({ signature }) => signature !== undefined))
      assert.deepEqual(
        returned.map((part) => ({
          id: asObject(part?.['functionCall'])?.['id'],
          signature: part?.['thoughtSignature'],
        })),
        answered,
      )
      const results = partsOf(sent).filter((part) => part?.['functionResponse'] !== undefined)
      assert.deepEqual(
        results.map((part) => asObject(part?.['functionResponse'])?.['id']),
        answered.map(({ id }) => id),
      )
      assert.equal(second.stop_reason, 'end_turn')
    })
  }

  it("brings a signature on Gemini's text back with that text", async () => {
    const { next, second } = await run({
      dialect: 'gemini-generate',
      recordings: ['google-chat-function-calling-thought-signatures-gemini-gemini-3-076c2d02', end],
      isStreamed: false,
    })
    stage.play(goldenRecording('gemini-generate', end))
    const messages: Params['messages'] = [
      ...next.messages,
      { role: 'assistant', content: second.content },
      { role: 'user', content: 'And tomorrow?' },
    ]
    await ask(client, { ...next, messages }, false)
    const signed = partsOf(asObject(stage.received()[0]?.body) ?? {}).filter(
      (part) => part?.['thoughtSignature'] !== undefined,
    )
    const recorded = JSON.stringify(goldenRecording('gemini-generate', end).reply.body)
    assert.equal(signed.length, 2)
    assert.match(asString(signed[1]?.['text']) ?? '', /^The current weather in Berlin/)
    assert.ok(recorded.includes(asString(signed[1]?.['thoughtSignature']) ?? 'none'))
  })

  for (const name of [
    'openai-tool-choice-matrix-auto-openai-responses-1f7f0dde',
    'xai-chat-function-calling-xai-grok-4-1-fast-non-reasoning-ca-f8c8d5bd',
    'openai-openai-responses-phase-streamed-on-part-start-1946e974',
  ]) {
    const isStreamed = isEndStreamed('openai-responses', name)
    it(`brings OpenAI its encrypted reasoning back before the call: ${name}`, async () => {
      const { first, sent } = await run({
        dialect: 'openai-responses',
        recordings: [name, 'openai-openai-responses-phase-streamed-on-part-start-3e9873a7'],
        isStreamed,
      })
      assert.equal(first.stop_reason, 'tool_use')
      const items = asArray(sent['input']).map((item) => asObject(item) ?? {})
      const types = items.map(({ type }) => type)
      const [call] = toolUses(first)
      const reasoning = items.find(({ type }) => type === 'reasoning')
      assert.ok(
        types.indexOf('reasoning') < types.indexOf('function_call'),
        types.map((type) => asString(type)).join(),
      )
      const { reply } = goldenRecording('openai-responses', name)
      assert.ok(
        (reply.stream ?? JSON.stringify(reply.body)).includes(
          asString(reasoning?.['encrypted_content']) ?? 'none',
        ),
      )
      assert.equal(items.find(({ type }) => type === 'function_call')?.['call_id'], call?.id)
      assert.equal(items.find(({ type }) => type === 'function_call_output')?.['call_id'], call?.id)
    })
  }

  it("brings back which phase of its work a text of OpenAI's belongs to", async () => {
    const { sent } = await run({
      dialect: 'openai-responses',
      recordings: [
        'openai-openai-responses-phase-streamed-on-part-start-1946e974',
        'openai-openai-responses-phase-streamed-on-part-start-3e9873a7',
      ],
      isStreamed: true,
    })
    const said = asArray(sent['input'])
      .map((item) => asObject(item) ?? {})
      .find(({ type, role }) => type === 'message' && role === 'assistant')
    assert.equal(said?.['phase'], 'commentary')
  })

  it('brings Cohere its plan back', async () => {
    const name = 'cohere-chat-function-calling-cohere-command-a-03-2025-can-handl-00eb6d3a'
    const { first, sent } = await run({
      dialect: 'cohere-chat',
      recordings: [name, name],
      isStreamed: false,
    })
    const plan = goldenRecording('cohere-chat', name).expect.toolPlan
    assert.ok(plan)
    assert.equal(first.content.find(({ type }) => type === 'thinking')?.type, 'thinking')
    const turns = asArray(sent['messages']).map((message) => asObject(message) ?? {})
    assert.equal(turns.find(({ role }) => role === 'assistant')?.['tool_plan'], plan)
  })

  it('brings Anthropic its own thinking back byte for byte, and never that of others', async () => {
    const name = 'anthropic-anthropic-tool-with-thinking-ece5dd22'
    const { first, next, sent } = await run(
      {
        dialect: 'anthropic-messages',
        recordings: [name, 'anthropic-anthropic-tool-with-thinking-f803b198'],
        isStreamed: false,
      },
      { thinking: { type: 'enabled', budget_tokens: 2_000 } },
    )
    const [, answer] = asArray(sent['messages']).map((message) => asObject(message) ?? {})
    assert.deepEqual(answer?.['content'], first.content as unknown as JsonValue)
    const elsewhere = { ...next, model: askingOf('gemini-generate').model, thinking: undefined }
    stage.play(goldenRecording('gemini-generate', end))
    const { thinking: _, ...params } = elsewhere
    await ask(client, params, false)
    const [thinking] = first.content
    assert.equal(thinking?.type, 'thinking')
    const body = stage.received()[0]?.bodyText ?? ''
    assert.ok(thinking?.type === 'thinking' && !body.includes(thinking.signature.slice(0, 40)))
  })
})

interface RecordedCall {
  readonly id: JsonValue | undefined
  readonly signature: JsonValue | undefined
}

/** The calls of a recorded answer of Gemini: in a stream only the first piece of a call has its name. */
function recordedCalls(reply: {
  readonly body?: JsonValue | undefined
  readonly stream?: string | undefined
}) {
  const pieces =
    reply.stream === undefined
      ? [reply.body]
      : reply.stream
          .split('\n')
          .filter((line) => line.startsWith('data: '))
          .map((line) => JSON.parse(line.slice(6)) as JsonValue)
  const calls: RecordedCall[] = []
  for (const piece of pieces) {
    const [candidate] = asArray(asObject(piece)?.['candidates'])
    for (const value of asArray(asObject(asObject(candidate)?.['content'])?.['parts'])) {
      const part = asObject(value)
      const call = asObject(part?.['functionCall'])
      if (call?.['name'] !== undefined) calls.push({ id: call['id'], signature: part?.['thoughtSignature'] })
    }
  }
  return calls
}
