/** Which providers can run which errands: one line for each. */
import type { Dialect } from '#core/domain/chat.ts'
import type { ErrandKind } from '#core/domain/errand.ts'
import type { ProviderRow } from '#core/domain/target.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { openAiEmbeddings } from '#services/llm-adapters/openai-chat/embeddings.ts'

export interface ErrandAdapters {
  /** Undefined when the provider has no interface for this kind. */
  for<Kind extends ErrandKind>(kind: Kind, provider: ProviderRow): ErrandAdapter<Kind> | undefined
}

type Column<Kind extends ErrandKind> = Readonly<
  Partial<Record<Dialect, (provider: ProviderRow) => ErrandAdapter<Kind> | undefined>>
>

const table: { readonly [Kind in ErrandKind]: Column<Kind> } = {
  embed: {
    'openai-chat': () => openAiEmbeddings,
  },
  rerank: {},
  'count-tokens': {},
  moderate: {},
}

export function createErrandAdapters(): ErrandAdapters {
  return {
    for<Kind extends ErrandKind>(kind: Kind, provider: ProviderRow) {
      const column: Column<Kind> = table[kind]
      return column[provider.dialect]?.(provider)
    },
  }
}
