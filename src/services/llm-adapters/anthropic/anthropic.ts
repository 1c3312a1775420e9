/** How Anthropic's Messages API is spoken. */
import type { LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { decodeAnthropic } from '#services/llm-adapters/anthropic/decode.ts'
import { encodeAnthropic } from '#services/llm-adapters/anthropic/encode.ts'
import { explainAnthropic } from '#services/llm-adapters/anthropic/explain.ts'
import { openAnthropicStream } from '#services/llm-adapters/anthropic/stream.ts'

export const anthropicMessages: LlmAdapter = {
  dialect: 'anthropic-messages',
  encode: encodeAnthropic,
  decode: decodeAnthropic,
  openStream: openAnthropicStream,
  explain: explainAnthropic,
}
