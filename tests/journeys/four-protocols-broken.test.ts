/** Streams of four providers that break off, through the whole gateway: never mistaken for whole, settled once. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Dialect } from '#core/domain/chat.ts'
import { readEvents } from '#tests/journeys/event-stream.ts'
import { askingOf, openStage } from '#tests/journeys/provider-stage.ts'
import type { Asking, ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, endingRow } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import { replyBytes } from '#tests/support/recording.ts'
import type { Recording } from '#tests/support/recording.ts'
import type { Playback } from '#tests/support/replaying-provider.ts'

let stage: ProviderStage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

interface Broken {
  readonly name: string
  readonly asking: Asking
  readonly recording: Recording
  /** What is left to send from here on is only sent once the caller has begun to read. */
  readonly heldFrom: number
  readonly cut?: Playback['cut']
  /** The whole text had it not broken off. */
  readonly text: string
  readonly code: string
}

const pieceBytes = 16

/** A text for each protocol, and after which part of its bytes it is cut: in the middle of its words, and of an event. */
const texts: readonly (readonly [Dialect, string, number])[] = [
  ['openai-chat', 'azure-chat-async-streaming-80128189', 0.5],
  ['openai-responses', 'openai-openai-instructions-with-responses-logprobs-streaming-432ec895', 0.4],
  ['anthropic-messages', 'anthropic-anthropic-prompt-caching-stream-legacy-6d81cc9f', 0.6],
  ['gemini-generate', 'google-google-model-web-fetch-tool-stream-73c38cee', 0.7],
  ['cohere-chat', 'cohere-chat-function-calling-cohere-command-a-03-2025-can-use-t-77bd0fcb', 0.4],
]

const cuts: readonly Broken[] = texts.flatMap(([dialect, name, part]) => {
  const recording = goldenRecording(dialect, name)
  const afterBytes = Math.floor(replyBytes(recording.reply).length * part)
  return (['clean', 'fin', 'rst'] as const).map((how) => ({
    name: `${dialect}, ended by ${how}`,
    asking: askingOf(dialect),
    recording,
    heldFrom: afterBytes - pieceBytes,
    cut: { afterBytes, how },
    text: recording.expect.text ?? '',
    code: 'stream_cut',
  }))
})

const told: readonly Broken[] = (
  [
    ['anthropic-messages', 'documented-anthropic-midstream-overloaded-after-text'],
    ['gemini-generate', 'documented-google-midstream-error'],
  ] as const
).map(([dialect, name]) => {
  const recording = goldenRecording(dialect, name)
  return {
    name: `${dialect}, an error inside the stream`,
    asking: askingOf(dialect),
    recording,
    heldFrom: (recording.reply.stream ?? '').search(/event: error|data: \{"error"/),
    text: 'Partial answ',
    code: 'provider_overloaded',
  }
})

/** Sets the stage; the function given back lets the break come. */
function play({ recording, heldFrom, cut }: Broken): () => void {
  const gate = Promise.withResolvers<void>()
  const beforeChunk = (written: number) => (written >= heldFrom ? gate.promise : undefined)
  stage.play({ recording, chunkSizes: [pieceBytes], beforeChunk, cut })
  return gate.resolve
}

async function ask(broken: Broken, headers = {}): Promise<Response> {
  const letBreak = play(broken)
  const body = { prompt: 'Go on.', model: broken.asking.model, max_tokens: 4_000, user_id: 'ann' }
  const response = await stage.house.post('/v1/generate/stream', body, headers)
  letBreak()
  return response
}

/** What was read before the connection broke, and whether it did. */
async function readToBreak(
  response: Response,
): Promise<{ readonly text: string; readonly isBroken: boolean }> {
  let text = ''
  assert.ok(response.body)
  try {
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) text += piece
    return { text, isBroken: false }
  } catch {
    return { text, isBroken: true }
  }
}

async function checkBooks(broken: Broken, shown: number, requestId: string | null): Promise<void> {
  const row = await endingRow(stage.house, requestId)
  assert.equal(row.kind, 'charge')
  assert.equal(row.problem, broken.code)
  assert.ok(row.status >= 500)
  assert.equal(row.provider, broken.asking.provider)
  // No text of these recordings has more than eight characters to a token.
  assert.ok(row.output_tokens >= Math.floor(shown / 8), `${shown} characters, ${row.output_tokens} tokens`)
  assert.ok(row.output_tokens > 0 && row.cost_nano_usd > 0, 'what came is paid for')
  await assertNothingHeld(stage.house)
}

for (const broken of [...cuts, ...told]) {
  describe(broken.name, () => {
    it('breaks the connection of a plain text stream', async () => {
      const response = await ask(broken)
      assert.equal(response.status, 200)
      const { text, isBroken } = await readToBreak(response)
      assert.ok(isBroken, 'the text never ends as if it were whole')
      assert.ok(text !== '' && broken.text.startsWith(text), text)
      await checkBooks(broken, text.length, response.headers.get('x-request-id'))
    })

    it('ends typed events with an error', async () => {
      const response = await ask(broken, { accept: 'text/event-stream' })
      assert.equal(response.status, 200)
      const events = readEvents(await response.text())
      assert.ok(events.every(({ name }) => name !== 'done'))
      const text = events.map(({ name, data }) => (name === 'delta' ? String(data['text']) : '')).join('')
      assert.ok(text !== '' && broken.text.startsWith(text), text)
      const last = events.at(-1)
      assert.equal(last?.name, 'error')
      const { code, message, mend } = last.data['error'] as Readonly<Record<string, string>>
      assert.equal(code, broken.code)
      assert.ok(message && mend)
      await checkBooks(broken, text.length, response.headers.get('x-request-id'))
    })

    it('makes the official client throw', async () => {
      const letBreak = play(broken)
      const { data: stream, response } = await stage.client.chat.completions
        .create({
          model: broken.asking.model,
          messages: [{ role: 'user', content: 'Go on.' }],
          stream: true,
          max_completion_tokens: 4_000,
        })
        .withResponse()
      letBreak()
      let text = ''
      let finish: string | null | undefined
      const read = async () => {
        for await (const chunk of stream) {
          text += chunk.choices[0]?.delta.content ?? ''
          finish = chunk.choices[0]?.finish_reason ?? finish
        }
      }
      await assert.rejects(read)
      assert.ok(text !== '' && broken.text.startsWith(text), text)
      assert.notEqual(finish, 'stop')
      await checkBooks(broken, text.length, response.headers.get('x-request-id'))
    })
  })
}
