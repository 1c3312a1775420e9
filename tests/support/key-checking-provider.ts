/** A provider over a real socket that answers whoever has the right key, and refuses others as OpenAI does. */
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'

const good = goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8')
const revoked: Recording = {
  ...good,
  name: 'a reply of 401',
  reply: {
    status: 401,
    headers: { 'content-type': 'application/json' },
    body: { error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' } },
  },
  expect: { outcome: 'error' },
}

export interface KeyCheckingProvider {
  readonly baseUrl: string
  /** The keys that it was asked with, in their order. */
  readonly asked: readonly string[]
  readonly refused: Set<string>
  /** Nobody asked, and nobody is refused but these. */
  startOver(refused?: readonly string[]): void
  close(): Promise<void>
}

export async function startKeyCheckingProvider(): Promise<KeyCheckingProvider> {
  const asked: string[] = []
  const refused = new Set<string>()
  const provider = await startReplayingProvider({
    recording({ headers }) {
      const key = headers['authorization']?.replace('Bearer ', '') ?? ''
      asked.push(key)
      return refused.has(key) ? revoked : good
    },
  })
  return {
    baseUrl: provider.baseUrl('openai-chat'),
    asked,
    refused,
    startOver(keys = []) {
      asked.length = 0
      refused.clear()
      for (const key of keys) refused.add(key)
    },
    close: () => provider.close(),
  }
}
