// The provider double is true: the providers' own clients read from it what the recording says, whole and streamed.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { CohereClient } from 'cohere-ai'
import OpenAI from 'openai'
import type { Dialect } from '../../src/core/domain/chat.ts'
import { readGoldenRecordings } from '../support/golden-recordings.ts'
import type { Recording } from '../support/recording.ts'
import { startReplayingProvider } from '../support/replaying-provider.ts'

/** The visible text of an answer, as the provider's own client reads it at an origin. */
type ReadText = (origin: string, isStreamed: boolean) => Promise<string>

const prompt = [{ role: 'user' as const, content: 'Hello' }]

const readOpenAi: ReadText = async (origin, isStreamed) => {
  const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'key', maxRetries: 0 })
  const ask = { model: 'm', messages: prompt }
  if (!isStreamed) {
    const { choices } = await client.chat.completions.create(ask)
    return choices[0]?.message.content ?? ''
  }
  let text = ''
  const stream = await client.chat.completions.create({ ...ask, stream: true })
  for await (const { choices } of stream) if (choices[0]?.index === 0) text += choices[0].delta.content ?? ''
  return text
}

const readAnthropic: ReadText = async (origin, isStreamed) => {
  const client = new Anthropic({ baseURL: origin, apiKey: 'key', maxRetries: 0 })
  const ask = { model: 'm', max_tokens: 10, messages: prompt }
  const message = isStreamed
    ? await client.messages.stream(ask).finalMessage()
    : await client.messages.create(ask)
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

const readGemini: ReadText = async (origin, isStreamed) => {
  const client = new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl: origin, apiVersion: 'v1beta' } })
  const ask = { model: 'm', contents: 'Hello' }
  const replies = isStreamed
    ? await Array.fromAsync(await client.models.generateContentStream(ask))
    : [await client.models.generateContent(ask)]
  const parts = replies.flatMap((reply) => reply.candidates?.[0]?.content?.parts ?? [])
  return parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join('')
}

const readCohere: ReadText = async (origin, isStreamed) => {
  const client = new CohereClient({ token: 'key', environment: origin })
  const ask = { model: 'm', messages: prompt }
  if (!isStreamed) {
    const { message } = await client.v2.chat(ask, { maxRetries: 0 })
    return (message.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
  }
  let text = ''
  for await (const event of await client.v2.chatStream(ask, { maxRetries: 0 })) {
    if (event.type === 'content-delta') text += event.delta?.message?.content?.text ?? ''
  }
  return text
}

const readers: ReadonlyArray<readonly [Dialect, ReadText]> = [
  ['openai-chat', readOpenAi],
  ['anthropic-messages', readAnthropic],
  ['gemini-generate', readGemini],
  ['cohere-chat', readCohere],
]

/** Recordings of an ordinary answer: text, no anomaly, from the provider that invented the dialect. */
function plainRecordings(dialect: Dialect): readonly Recording[] {
  const inventors = ['openai', 'anthropic', 'google', 'cohere']
  return readGoldenRecordings(dialect).filter(
    ({ expect, provider, features }) =>
      expect.outcome === 'ok' &&
      inventors.includes(provider) &&
      expect.acceptAlso === undefined &&
      (expect.text ?? '') !== '' &&
      !features.includes('quirk'),
  )
}

for (const [dialect, readText] of readers) {
  describe(`the double of ${dialect}`, () => {
    const recordings = plainRecordings(dialect)
    test('has recordings to be read', () => assert.ok(recordings.length >= 2, String(recordings.length)))
    for (const recording of recordings) {
      test(`plays ${recording.name}`, async () => {
        const provider = await startReplayingProvider({ recording: () => recording })
        try {
          const text = await readText(provider.origin, recording.reply.stream !== undefined)
          assert.equal(text, recording.expect.text)
        } finally {
          await provider.close()
        }
      })
    }
  })
}
