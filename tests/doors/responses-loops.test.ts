/** Tool loops through the Responses door, two turns long: what a provider must see again comes back to it, whatever the client. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createOpenAI } from '@ai-sdk/openai'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool as langchainTool } from '@langchain/core/tools'
import { ChatOpenAI } from '@langchain/openai'
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai'
import OpenAI from 'openai'
import { toResponseInputItems } from 'openai/lib/responses/ResponseInputItems'
import type { ResponseInput } from 'openai/resources/responses/responses'
import { z } from 'zod'
import type { Dialect } from '#core/domain/chat.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import { replyBytes } from '#tests/support/recording.ts'

let stage: ProviderStage
let baseURL: string
before(async () => {
  stage = await openStage()
  baseURL = `${stage.house.address}/v1`
})
after(() => stage.close())

/** A first turn that calls tools after thinking that is signed or sealed. */
interface Loop {
  readonly says: string
  readonly dialect: Dialect
  readonly model: string
  readonly recording: string
  /** The tokens of the conversation as the provider is given it, each with what it stands on. */
  readonly tokens: (body: JsonObject) => readonly string[]
}

const loops: readonly Loop[] = [
  {
    says: "the signature of Claude's thinking",
    dialect: 'anthropic-messages',
    model: 'some-claude',
    recording: 'anthropic-anthropic-tool-with-thinking-ece5dd22',
    tokens: signaturesOfClaude,
  },
  {
    says: "the signature on Gemini's call",
    dialect: 'gemini-generate',
    model: 'some-gemini',
    recording: 'google-chat-function-calling-thought-signatures-gemini-gemini-3-076c2d02',
    tokens: signaturesOfGemini,
  },
  {
    says: "the signature on the first of Gemini's streamed calls",
    dialect: 'gemini-generate',
    model: 'some-gemini',
    recording: 'google-google-stream-tool-call-arguments-a8aea6ce',
    tokens: signaturesOfGemini,
  },
  {
    says: "OpenAI's own sealed thinking",
    dialect: 'openai-responses',
    model: 'thinking-gpt',
    recording: 'openai-chat-tool-choice-and-calls-control-openai-gpt-5-nano-res-1e48b282',
    tokens: (body) => membersIn(body['input'], 'encrypted_content'),
  },
]

const membersIn = (items: JsonValue | undefined, name: string): readonly string[] =>
  asArray(items).flatMap((item) => asString(asObject(item)?.[name]) ?? [])

function signaturesOfClaude(body: JsonObject): readonly string[] {
  return asArray(body['messages']).flatMap((message) =>
    membersIn(asObject(message)?.['content'], 'signature'),
  )
}

/** In the parts of calls alone: on any other part a call's signature would be refused. */
function signaturesOfGemini(body: JsonObject): readonly string[] {
  const parts = asArray(body['contents']).flatMap((content) => asArray(asObject(content)?.['parts']))
  return membersIn(
    parts.filter((part) => asObject(part)?.['functionCall'] !== undefined),
    'thoughtSignature',
  )
}

/** Runs both turns with one client; every tool answers 42. */
type Client = (loop: Loop, tools: readonly string[], isStreamed: boolean) => Promise<void>

const anyArguments = { type: 'object', properties: {}, additionalProperties: true } as const

const official: Client = async ({ model }, names, isStreamed) => {
  const client = new OpenAI({ baseURL, apiKey: 'callers-own-text', maxRetries: 0 })
  const tools = names.map((name) => ({
    type: 'function' as const,
    name,
    parameters: { ...anyArguments },
    strict: false,
  }))
  const input: ResponseInput = [{ role: 'user', content: 'Go' }]
  for (let turn = 0; turn < 2; turn++) {
    const asked = { model, input, tools }
    const { output } = isStreamed
      ? await client.responses.stream(asked).finalResponse()
      : await client.responses.create(asked)
    input.push(...toResponseInputItems(output))
    for (const item of output) {
      if (item.type !== 'function_call') continue
      input.push({ type: 'function_call_output', call_id: item.call_id, output: '42' })
    }
  }
}

const vercel: Client = async ({ model }, names, isStreamed) => {
  const provider = createOpenAI({ baseURL, apiKey: 'callers-own-text' })
  const inputSchema = jsonSchema({ ...anyArguments })
  const asked = {
    model: provider(model),
    prompt: 'Go',
    tools: Object.fromEntries(names.map((name) => [name, tool({ inputSchema, execute: () => '42' })])),
    stopWhen: stepCountIs(2),
    maxRetries: 0,
    providerOptions: { openai: { store: false, forceReasoning: true } },
  }
  if (!isStreamed) await generateText(asked)
  else {
    const errors: unknown[] = []
    await streamText({ ...asked, onError: ({ error }) => void errors.push(error) }).consumeStream()
    assert.deepEqual(errors, [])
  }
}

const langchain: Client = async ({ model }, names, isStreamed) => {
  const chat = new ChatOpenAI({
    model,
    apiKey: 'callers-own-text',
    useResponsesApi: true,
    streaming: isStreamed,
    maxRetries: 0,
    zdrEnabled: true,
    configuration: { baseURL },
  })
  const schema = z.looseObject({})
  const bound = chat.bindTools(names.map((name) => langchainTool(() => '42', { name, schema })))
  const question = new HumanMessage('Go')
  const reply = await bound.invoke([question])
  const results = (reply.tool_calls ?? []).map(
    ({ id }) => new ToolMessage({ content: '42', tool_call_id: id ?? '' }),
  )
  await bound.invoke([question, reply, ...results])
}

const clients: readonly (readonly [name: string, client: Client])[] = [
  ['openai', official],
  ['@ai-sdk/openai', vercel],
  ['@langchain/openai', langchain],
]

for (const [name, client] of clients) {
  describe(`a tool loop with ${name}`, () => {
    for (const loop of loops) {
      it(`brings back ${loop.says}`, async () => {
        const recording = goldenRecording(loop.dialect, loop.recording)
        const calls = recording.expect.toolCalls ?? []
        stage.play(recording)
        await client(loop, [...new Set(calls.map((call) => call.name))], recording.reply.stream !== undefined)
        const received = stage.received()
        assert.equal(received.length, 2)
        const tokens = loop.tokens(asObject(received[1]?.body) ?? {})
        const { signatures = 0, encrypted = 0 } = recording.expect.reasoning ?? {}
        assert.equal(tokens.length, signatures + encrypted)
        const said = Buffer.from(replyBytes(recording.reply)).toString()
        for (const token of tokens) assert.ok(token.length > 40 && said.includes(token))
      })
    }
  })
}

describe('a conversation that moves to another provider', () => {
  it('leaves the tokens of the first behind, and nothing else', async () => {
    const client = new OpenAI({ baseURL, apiKey: 'callers-own-text', maxRetries: 0 })
    const claude = goldenRecording('anthropic-messages', 'anthropic-anthropic-tool-with-thinking-ece5dd22')
    stage.play(claude)
    const first = await client.responses.create({ model: 'some-claude', input: 'Go' })
    const outputs = first.output.flatMap((item) =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: '42' }]
        : [],
    )
    const own = { type: 'reasoning' as const, id: 'rs_own', summary: [], encrypted_content: 'gAAAAown' }
    const input: ResponseInput = [
      { role: 'user', content: 'Go' },
      ...toResponseInputItems(first.output),
      ...outputs,
      own,
    ]
    const next = goldenRecording(
      'openai-responses',
      'openai-chat-tool-choice-and-calls-control-openai-gpt-5-nano-res-1e48b282',
    )
    stage.play(next)
    await client.responses.create({ model: 'thinking-gpt', input })
    const [request] = stage.received()
    assert.deepEqual(
      asArray(asObject(request?.body)?.['input']),
      input.filter((item) => !('encrypted_content' in item) || item === own),
    )
  })
})
