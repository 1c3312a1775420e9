/** Which adapter speaks which dialect: one line for each. */
import type { Dialect } from '#core/domain/chat.ts'
import type { LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { anthropicMessages } from '#services/llm-adapters/anthropic/anthropic.ts'
import { cohereChat } from '#services/llm-adapters/cohere/cohere.ts'
import { geminiGenerate } from '#services/llm-adapters/gemini/gemini.ts'
import { fittedAdapter } from '#services/llm-adapters/fitting/fitted-adapter.ts'
import { openAiChat } from '#services/llm-adapters/openai-chat/openai-chat.ts'
import { openAiResponses } from '#services/llm-adapters/openai-responses/openai-responses.ts'

const adapters: Readonly<Record<Dialect, LlmAdapter>> = {
  'openai-chat': fittedAdapter(openAiChat),
  'openai-responses': fittedAdapter(openAiResponses),
  'anthropic-messages': fittedAdapter(anthropicMessages),
  'gemini-generate': fittedAdapter(geminiGenerate),
  'cohere-chat': fittedAdapter(cohereChat),
}

export interface Adapters {
  /** The adapter that speaks a dialect. */
  for(dialect: Dialect): LlmAdapter
}

export function createAdapters(): Adapters {
  return { for: (dialect) => adapters[dialect] }
}
