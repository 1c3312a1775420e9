/** Targets for recordings: the provider rows that recorded providers would have, as far as adapters read them. */
import type { ModelCard } from '../../src/core/domain/model-card.ts'
import type { Dialect } from '../../src/core/domain/chat.ts'
import type { ProviderQuirk, Target } from '../../src/core/domain/target.ts'

/** How each recorded provider departs from its dialect. */
const quirksOf: Readonly<Record<string, readonly ProviderQuirk[]>> = {
  deepseek: ['max_tokens_word', 'no_developer_role', 'reasoning_content_returned'],
  gpustack: ['max_tokens_word', 'no_developer_role', 'no_done_marker'],
  huggingface: ['max_tokens_word', 'no_developer_role'],
  mistral: ['max_tokens_word', 'no_developer_role', 'nine_character_tool_ids', 'audio_beside_input'],
  ollama: ['max_tokens_word', 'no_developer_role'],
  perplexity: ['max_tokens_word', 'no_developer_role', 'no_done_marker'],
  snowflake: ['no_done_marker'],
  xai: ['reasoning_beside_output'],
}

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
  const provider = wish.provider ?? 'recorded'
  const model = wish.model || 'recorded-model'
  return {
    model,
    card: cardOf(provider, model, wish.modelQuirks ?? []),
    provider: {
      name: provider,
      title: provider,
      dialect: wish.dialect,
      baseUrl: `https://${provider}.example${basePathOf[wish.dialect]}`,
      auth: 'none',
      keyNames: [],
      headers: {},
      quirks: new Set(wish.quirks ?? quirksOf[provider] ?? []),
      isSimulated: false,
    },
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
