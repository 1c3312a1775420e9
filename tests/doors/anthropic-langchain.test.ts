/** The Messages API as LangChain uses it, which brings an earlier official client with it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ChatAnthropic } from '@langchain/anthropic'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import type { AIMessageChunk } from '@langchain/core/messages'
import { asArray, asObject } from '#core/domain/json.ts'
import { openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'

let stage: ProviderStage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const modelOf = (model: string) =>
  new ChatAnthropic({
    model,
    maxTokens: 900,
    maxRetries: 0,
    anthropicApiKey: 'callers-own-text',
    anthropicApiUrl: stage.house.address,
  })

const weather = {
  name: 'weather',
  description: 'Gets the weather of a place.',
  input_schema: { type: 'object' as const, properties: { latitude: { type: 'string' } } },
}

describe('LangChain', () => {
  it('reads text, whole and streamed, and counts it once', async () => {
    const recording = goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8')
    stage.play(recording)
    const answer = await modelOf('talking-gpt').invoke('Say hello.')
    assert.equal(answer.text, recording.expect.text)
    assert.deepEqual(countsOf(answer), expectedCounts(recording))

    const streamed = goldenRecording(
      'openai-responses',
      'openai-openai-instructions-with-responses-logprobs-streaming-432ec895',
    )
    stage.play(streamed)
    const whole = await gathered(modelOf('thinking-gpt').stream('Say hello.'))
    assert.equal(whole.text, streamed.expect.text)
    // LangChain reads input from the start of a stream alone, where only an estimate can stand.
    const [inputTokens, outputTokens] = countsOf(whole)
    assert.ok(Number(inputTokens) > 0)
    assert.equal(outputTokens, streamed.expect.usage?.outputTokens)
    assert.equal(stage.received()[0]?.headers['anthropic-version'], undefined)
  })

  for (const [name, isStreamed] of [
    ['google-chat-function-calling-thought-signatures-gemini-gemini-3-076c2d02', false],
    ['google-chat-function-calling-gemini-gemini-2-5-flash-can-use-to-8575913e', true],
  ] as const) {
    it(`runs a tool of Gemini's and brings its signature back: ${isStreamed ? 'streamed' : 'whole'}`, async () => {
      const model = modelOf('some-gemini').bindTools([weather])
      const question = new HumanMessage('What is the weather in Berlin?')
      stage.play(goldenRecording('gemini-generate', name))
      const answer = isStreamed ? await gathered(model.stream([question])) : await model.invoke([question])
      const [call] = answer.tool_calls ?? []
      assert.equal(call?.name, 'weather')
      stage.play(goldenRecording('gemini-generate', 'google-google-model-max-tokens-525c4347'))
      const result = new ToolMessage({ content: '15 degrees', tool_call_id: call?.id ?? '' })
      await model.invoke([question, answer, result])
      const sent = asArray(asObject(stage.received()[0]?.body)?.['contents'])
      const parts = sent.flatMap((content) => asArray(asObject(content)?.['parts']).map(asObject))
      const returned = parts.find((part) => part?.['functionCall'] !== undefined)
      const { reply } = goldenRecording('gemini-generate', name)
      const signature = returned?.['thoughtSignature']
      assert.ok(typeof signature === 'string' && signature.length > 40)
      assert.ok((reply.stream ?? JSON.stringify(reply.body)).includes(signature))
    })
  }
})

/** The chunks of a stream as LangChain itself adds them up. */
async function gathered(stream: Promise<AsyncIterable<AIMessageChunk>>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined
  for await (const chunk of await stream) whole = whole ? whole.concat(chunk) : chunk
  assert.ok(whole)
  return whole
}

function countsOf(message: { readonly usage_metadata?: unknown }) {
  const counts = asObject(message.usage_metadata)
  return [counts?.['input_tokens'], counts?.['output_tokens']]
}

const expectedCounts = ({ expect }: Recording) => [expect.usage?.inputTokens, expect.usage?.outputTokens]
