/** A Responses request to a model that is asked in the same API: what the caller wrote arrives as it was written. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import { replyBytes } from '#tests/support/recording.ts'

let stage: ProviderStage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const recording = goldenRecording(
  'openai-responses',
  'openai-chat-tool-choice-and-calls-control-openai-gpt-5-nano-res-1e48b282',
)

/** What the provider was sent, when the gateway was sent this text. */
async function passedOn(text: string): Promise<string> {
  stage.play(recording)
  const response = await stage.house.post('/v1/responses', text)
  assert.equal(response.status, 200)
  assert.equal(await response.text(), Buffer.from(replyBytes(recording.reply)).toString())
  return stage.received()[0]?.bodyText ?? ''
}

test('members, items and tools of tomorrow pass, with every space and in their order', async () => {
  const text =
    '{ "tools": [{"type":"tool_of_tomorrow","x":1e3}],  "model":"thinking-gpt", "store": true,' +
    '"input":[{"type":"item_of_tomorrow","id":"i1"},{"role":"user","content":[{"type":"input_text","text":"Hi","y":[ ]}]}],' +
    '"member_of_tomorrow": {"z": 0.10}, "max_output_tokens":500}'
  assert.equal(await passedOn(text), text)
})

test('who says nothing about storing is not stored', async () => {
  const sent = await passedOn('{"model":"thinking-gpt","input":"Hi","max_output_tokens":500}')
  assert.equal(
    sent,
    '{"model":"thinking-gpt","input":"Hi","max_output_tokens":500,"store":false,"include":["reasoning.encrypted_content"]}',
  )
})

test('a stream passes byte for byte, heartbeat comments apart', async () => {
  const streamed = goldenRecording(
    'openai-responses',
    'openai-openai-responses-phase-streamed-on-part-start-1946e974',
  )
  stage.play({ recording: streamed, chunkSizes: [1, 700, 13] })
  const response = await stage.house.post('/v1/responses', {
    model: 'thinking-gpt',
    input: 'Hi',
    stream: true,
  })
  assert.equal(await response.text(), Buffer.from(replyBytes(streamed.reply)).toString())
})
