/** Which providers can run which errands: one line for each. */
import type { Dialect } from '#core/domain/chat.ts'
import type { ErrandKind } from '#core/domain/errand.ts'
import type { ProviderRow } from '#core/domain/target.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { anthropicCount } from '#services/llm-adapters/anthropic/count-tokens.ts'
import { cohereEmbeddings } from '#services/llm-adapters/cohere/embeddings.ts'
import { cohereRerank, cousinRerank } from '#services/llm-adapters/cohere/rerank.ts'
import { geminiCount } from '#services/llm-adapters/gemini/count-tokens.ts'
import { geminiEmbeddings } from '#services/llm-adapters/gemini/embeddings.ts'
import { openAiEmbeddings } from '#services/llm-adapters/openai-chat/embeddings.ts'
import { openAiModerations } from '#services/llm-adapters/openai-chat/moderations.ts'
import { responsesCount } from '#services/llm-adapters/openai-responses/input-tokens.ts'
import { estimatedCount } from '#services/llm-adapters/wire/token-count.ts'

export interface ErrandAdapters {
  /** Undefined when the provider has no interface for this kind. */
  for<Kind extends ErrandKind>(kind: Kind, provider: ProviderRow): ErrandAdapter<Kind> | undefined
}

type Column<Kind extends ErrandKind> = Readonly<
  Partial<Record<Dialect, (provider: ProviderRow) => ErrandAdapter<Kind> | undefined>>
>

function countOfOpenAi({ quirks }: ProviderRow): ErrandAdapter<'count-tokens'> {
  return quirks.has('counts_input') ? responsesCount : estimatedCount
}

const table: { readonly [Kind in ErrandKind]: Column<Kind> } = {
  embed: {
    'openai-chat': () => openAiEmbeddings,
    'openai-responses': () => openAiEmbeddings,
    'gemini-generate': () => geminiEmbeddings,
    'cohere-chat': () => cohereEmbeddings,
  },
  rerank: {
    'cohere-chat': () => cohereRerank,
    'openai-chat': ({ quirks }) => (quirks.has('ranks_documents') ? cousinRerank : undefined),
  },
  'count-tokens': {
    'anthropic-messages': () => anthropicCount,
    'gemini-generate': () => geminiCount,
    'openai-chat': countOfOpenAi,
    'openai-responses': countOfOpenAi,
    'cohere-chat': () => estimatedCount,
  },
  moderate: {
    'openai-chat': ({ quirks }) => (quirks.has('moderates') ? openAiModerations : undefined),
  },
}

export function createErrandAdapters(): ErrandAdapters {
  return {
    for<Kind extends ErrandKind>(kind: Kind, provider: ProviderRow) {
      const column: Column<Kind> = table[kind]
      return column[provider.dialect]?.(provider)
    },
  }
}
