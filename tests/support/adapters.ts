/** The adapters under test, by dialect. */
import type { Dialect } from '../../src/core/domain/chat.ts'
import { createAdapters } from '../../src/services/llm-adapters/registry.ts'

export const dialects: readonly Dialect[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini-generate',
  'cohere-chat',
]

export const adapters = createAdapters()
