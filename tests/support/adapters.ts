/** The adapters under test, loaded one by one, so that one that does not load hides no other. */
import type { Dialect } from '../../src/core/domain/chat.ts'
import type { LlmAdapter } from '../../src/services/llm-adapters/adapter.ts'

const modules = {
  'openai-chat': ['openai-chat/openai-chat.ts', 'openAiChat'],
  'openai-responses': ['openai-responses/openai-responses.ts', 'openAiResponses'],
  'anthropic-messages': ['anthropic/anthropic.ts', 'anthropicMessages'],
  'gemini-generate': ['gemini/gemini.ts', 'geminiGenerate'],
  'cohere-chat': ['cohere/cohere.ts', 'cohereChat'],
} as const satisfies Record<Dialect, readonly [string, string]>

export const dialects = Object.keys(modules) as readonly Dialect[]

/** Throws when the adapter cannot be loaded. */
export async function adapterFor(dialect: Dialect): Promise<LlmAdapter> {
  const [file, name] = modules[dialect]
  const loaded = (await import(`../../src/services/llm-adapters/${file}`)) as Record<string, LlmAdapter>
  const adapter = loaded[name]
  if (!adapter) throw new Error(`${file} exports no ${name}`)
  return adapter
}
