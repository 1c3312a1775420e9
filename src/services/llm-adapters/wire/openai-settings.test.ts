/** What a request in one of OpenAI's APIs keeps when it is asked in the other. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { openAiChat } from '#services/llm-adapters/openai-chat/openai-chat.ts'
import { openAiResponses } from '#services/llm-adapters/openai-responses/openai-responses.ts'
import { encodeWith, nativeOf, sentBody } from '#tests/support/adapter-writing.ts'
import type { ProviderQuirk } from '#core/domain/target.ts'

const both: readonly ProviderQuirk[] = ['speaks_responses']
const shared = {
  service_tier: 'flex',
  prompt_cache_key: 'k',
  prompt_cache_retention: '24h',
  metadata: { run: '7' },
}

const pick = (body: ReturnType<typeof sentBody>) =>
  Object.fromEntries(Object.keys(shared).map((name) => [name, body[name]]))

test('a chat request that is asked in Responses keeps its tier, cache key, metadata and verbosity', () => {
  const native = nativeOf('openai-chat', { ...shared, verbosity: 'low', logit_bias: {} })
  const body = sentBody(encodeWith(openAiResponses, { native }, { quirks: both }))
  assert.deepEqual(pick(body), shared)
  assert.deepEqual(body['text'], { verbosity: 'low' })
  const json = { native, responseFormat: { type: 'json' } } as const
  assert.deepEqual(sentBody(encodeWith(openAiResponses, json, { quirks: both }))['text'], {
    format: { type: 'json_object' },
    verbosity: 'low',
  })
})

test('a Responses request that is asked in chat completions keeps them too', () => {
  const native = nativeOf('openai-responses', { ...shared, text: { verbosity: 'high' } })
  const body = sentBody(encodeWith(openAiChat, { native }, { quirks: both }))
  assert.deepEqual(pick(body), shared)
  assert.equal(body['verbosity'], 'high')
})

test('a provider that only imitates one of them gets none of it', () => {
  const native = nativeOf('openai-responses', { ...shared, text: { verbosity: 'high' } })
  const body = sentBody(encodeWith(openAiChat, { native }))
  assert.deepEqual(Object.values(pick(body)), [undefined, undefined, undefined, undefined])
  assert.equal(body['verbosity'], undefined)
})
