/** How Cohere's Chat API, version 2, is spoken. */
import type { LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { decodeCohere } from '#services/llm-adapters/cohere/decode.ts'
import { encodeCohere } from '#services/llm-adapters/cohere/encode.ts'
import { explainCohere } from '#services/llm-adapters/cohere/explain.ts'
import { openCohereStream } from '#services/llm-adapters/cohere/stream.ts'

export const cohereChat: LlmAdapter = {
  dialect: 'cohere-chat',
  encode: encodeCohere,
  decode: decodeCohere,
  openStream: openCohereStream,
  explain: explainCohere,
}
