import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Dialect } from '../../src/core/domain/chat.ts'
import { goldenRecording, readGoldenRecordings } from './golden-recordings.ts'
import type { Recording } from './recording.ts'
import { replyBytes } from './recording.ts'
import { startReplayingProvider } from './replaying-provider.ts'
import type { Playback, ReplayingProvider } from './replaying-provider.ts'

const paths: Readonly<Record<Dialect, readonly [whole: string, streamed: string]>> = {
  'openai-chat': ['/chat/completions', '/chat/completions'],
  'openai-responses': ['/responses', '/responses'],
  'anthropic-messages': ['/messages', '/messages'],
  'gemini-generate': ['/models/m:generateContent', '/models/m:streamGenerateContent?alt=sse'],
  'cohere-chat': ['/chat', '/chat'],
}
const dialects = Object.keys(paths) as readonly Dialect[]

function goldenOf(dialect: Dialect, isStreamed: boolean): Recording {
  const found = readGoldenRecordings(dialect).find(
    ({ reply, expect }) => (reply.stream !== undefined) === isStreamed && expect.outcome === 'ok',
  )
  assert.ok(found)
  return found
}

async function withProvider(
  playback: Playback | undefined,
  use: (provider: ReplayingProvider) => Promise<void>,
): Promise<void> {
  const provider = await startReplayingProvider({ recording: () => playback })
  try {
    await use(provider)
  } finally {
    await provider.close()
  }
}

const ask = (provider: ReplayingProvider, dialect: Dialect, isStreamed: boolean) =>
  fetch(provider.baseUrl(dialect) + paths[dialect][isStreamed ? 1 : 0], {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-test': 'yes' },
    body: JSON.stringify({ model: 'm', stream: isStreamed }),
  })

describe('the replaying provider', () => {
  for (const dialect of dialects) {
    it(`answers at the paths of ${dialect} with the recorded bytes, and remembers who asked`, async () => {
      for (const isStreamed of [false, true]) {
        const recording = goldenOf(dialect, isStreamed)
        await withProvider({ recording, chunkSizes: [500, 1] }, async (provider) => {
          const reply = await ask(provider, dialect, isStreamed)
          const bytes = Buffer.from(await reply.arrayBuffer())
          assert.ok(bytes.equals(replyBytes(recording.reply)))
          assert.equal(reply.status, 200)
          const [request] = provider.requests
          assert.equal(request?.dialect, dialect)
          assert.equal(request.model, 'm')
          assert.equal(request.isStreamed, isStreamed)
          assert.equal(request.headers['x-test'], 'yes')
          assert.deepEqual(request.body, { model: 'm', stream: isStreamed })
          assert.equal(await request.ending, 'whole')
        })
      }
    })
  }

  it('says 404 where no recording was chosen', async () => {
    await withProvider(undefined, async (provider) => {
      assert.equal((await ask(provider, 'openai-chat', false)).status, 404)
    })
  })

  it('cuts a body so that it looks whole, so that it does not, and by a reset', async () => {
    const recording = goldenOf('openai-chat', true)
    for (const how of ['clean', 'fin', 'rst'] as const) {
      await withProvider({ recording, cut: { afterBytes: 40, how } }, async (provider) => {
        const reading = ask(provider, 'openai-chat', true).then((reply) => reply.arrayBuffer())
        if (how === 'clean') assert.equal((await reading).byteLength, 40)
        else await assert.rejects(reading)
      })
    }
  })

  it('waits before its head and between pieces as long as the test does', async () => {
    const recording = goldenOf('openai-chat', true)
    const head = Promise.withResolvers<void>()
    const rest = Promise.withResolvers<void>()
    const never = Promise.withResolvers<void>()
    const playback: Playback = {
      recording,
      chunkSizes: [10],
      beforeHead: () => head.promise,
      beforeChunk: (written) => [undefined, rest.promise, never.promise][written / 10],
    }
    await withProvider(playback, async (provider) => {
      const asked = ask(provider, 'openai-chat', true)
      head.resolve()
      const reply = await asked
      assert.ok(reply.body)
      const reader = (reply.body as ReadableStream<Uint8Array>).getReader()
      const next = async () => (await reader.read()).value?.length
      assert.equal(await next(), 10)
      rest.resolve()
      assert.equal(await next(), 10)
      await reader.cancel()
      assert.equal(await provider.requests[0]?.ending, 'broken')
      never.resolve()
    })
  })

  it('lays status and headers over the recorded ones', async () => {
    const recording = goldenRecording('anthropic-messages', 'documented-anthropic-529')
    assert.equal(recording.reply.status, 529)
    await withProvider({ recording, status: 503, headers: { 'retry-after': '3' } }, async (provider) => {
      const reply = await ask(provider, 'anthropic-messages', false)
      assert.equal(reply.status, 503)
      assert.equal(reply.headers.get('retry-after'), '3')
      await reply.arrayBuffer()
    })
  })
})
