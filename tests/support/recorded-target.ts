/** Targets for recordings: the row of the provider that was recorded, or one of a provider nobody knows. */
import type { ModelCard } from '../../src/core/domain/model-card.ts'
import type { Dialect } from '../../src/core/domain/chat.ts'
import type { ProviderQuirk, Target } from '../../src/core/domain/target.ts'
import { builtInProviders, customProvider } from '../../src/services/llm-adapters/cousins.ts'

const basePathOf: Readonly<Record<Dialect, string>> = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  'anthropic-messages': '/v1',
  'gemini-generate': '/v1beta',
  'cohere-chat': '/v2',
}

export interface RecordedTargetWish {
  readonly dialect: Dialect
  readonly provider?: string | undefined
  readonly model?: string | undefined
  readonly modelQuirks?: readonly string[] | undefined
  readonly quirks?: readonly ProviderQuirk[] | undefined
}

/** A target that speaks a dialect, with a card that forbids nothing. */
export function recordedTarget(wish: RecordedTargetWish): Target {
  const { dialect, provider = 'recorded' } = wish
  const row =
    builtInProviders.find(({ name }) => name === provider) ??
    customProvider({ name: provider, dialect, baseUrl: `https://${provider}.example${basePathOf[dialect]}` })
  const model = wish.model || 'recorded-model'
  return {
    model,
    card: cardOf(provider, model, wish.modelQuirks ?? []),
    provider: { ...row, dialect, quirks: new Set(wish.quirks ?? row.quirks) },
  }
}

function cardOf(provider: string, model: string, quirks: readonly string[]): ModelCard {
  return {
    name: model,
    provider,
    providerModel: model,
    abilities: new Set([
      'text',
      'streaming',
      'image_input',
      'pdf_input',
      'audio_input',
      'video_input',
      'tools',
      'tool_choice',
      'parallel_tools',
      'json_object',
      'json_schema',
      'reasoning',
      'temperature',
      'system_prompt',
      'logprobs',
      'multiple_answers',
      'stop_sequences',
      'prompt_caching',
    ]),
    contextTokens: 1_000_000,
    maxOutputTokens: 64_000,
    prices: [],
    quirks: new Set(quirks),
  }
}
