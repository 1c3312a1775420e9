/** The table of support, third part: where a model or a provider differs from what its dialect says. */
import type { Dialect } from '#core/domain/chat.ts'
import type { Feature } from '#core/domain/feature.ts'
import { done, doneBy, passedOver, refused } from '#core/domain/support.ts'
import type { Support } from '#core/domain/support.ts'
import type { Target } from '#core/domain/target.ts'

export interface SupportException {
  readonly features: readonly Feature[]
  /** In plain words, for the reference: completes "Where ...". */
  readonly where: string
  readonly support: Support
  /** Holds also for a question in the target's own dialect: the model, not the translation, cannot. */
  readonly isNativeToo: boolean
  readonly holdsFor: (target: Target) => boolean
}

const speaks = (target: Target, dialect: Dialect) => target.provider.dialect === dialect

export const exceptions: readonly SupportException[] = [
  {
    features: ['temperature', 'high_temperature', 'top_p'],
    where: 'a model has no ability `temperature`',
    support: refused,
    isNativeToo: true,
    holdsFor: ({ card }) => !card.abilities.has('temperature'),
  },
  {
    features: ['frequency_penalty', 'presence_penalty'],
    where: 'a model of chat completions has no ability `temperature`',
    support: refused,
    isNativeToo: true,
    holdsFor: (target) => speaks(target, 'openai-chat') && !target.card.abilities.has('temperature'),
  },
  {
    features: ['top_k'],
    where: 'a Claude model has no ability `temperature`',
    support: refused,
    isNativeToo: true,
    holdsFor: (target) => speaks(target, 'anthropic-messages') && !target.card.abilities.has('temperature'),
  },
  {
    features: ['top_k'],
    where: 'a provider of chat completions knows `top_k` (OpenRouter, Together AI, Fireworks AI, vLLM)',
    support: done,
    isNativeToo: false,
    holdsFor: ({ provider }) => provider.quirks.has('takes_top_k'),
  },
  {
    features: ['top_k'],
    where: 'a provider of chat completions or Responses does not know `top_k`',
    support: refused,
    isNativeToo: true,
    holdsFor: (target) =>
      (speaks(target, 'openai-chat') || speaks(target, 'openai-responses')) &&
      !target.provider.quirks.has('takes_top_k'),
  },
  {
    features: ['stop', 'blank_stop'],
    where: 'a model has no ability `stop_sequences`',
    support: refused,
    isNativeToo: true,
    holdsFor: ({ card }) => !card.abilities.has('stop_sequences'),
  },
  {
    features: ['reasoning_effort', 'reasoning_budget'],
    where: 'a model has no ability `reasoning`',
    support: refused,
    isNativeToo: true,
    holdsFor: ({ card }) => !card.abilities.has('reasoning'),
  },
  {
    features: ['reasoning_off'],
    where:
      'a model always thinks (quirks `thinking_always_on`, `thinking_always`; a level of thinking without `minimal`)',
    support: refused,
    isNativeToo: true,
    holdsFor: ({ card }) =>
      card.quirks.has('thinking_always_on') ||
      card.quirks.has('thinking_always') ||
      (card.quirks.has('thinking_level') && !card.quirks.has('minimal_thinking_level')),
  },
  {
    features: ['reasoning_shown'],
    where:
      'a provider shows no thinking in chat completions (OpenAI, Azure OpenAI): Responses is asked where it is spoken',
    support: refused,
    isNativeToo: false,
    holdsFor: (target) =>
      speaks(target, 'openai-chat') &&
      target.provider.quirks.has('hides_thinking') &&
      target.card.abilities.has('reasoning'),
  },
  {
    features: ['reasoning_shown'],
    where:
      'a provider shows no thinking in chat completions and cannot be asked in Responses (Azure OpenAI, quirk `chat_only`)',
    support: passedOver(
      'reasoning.shown',
      'Thinking is shown where there is any to show (OpenAI guide "Reasoning models"; Gemini API reference, `includeThoughts`)',
    ),
    isNativeToo: false,
    holdsFor: (target) =>
      speaks(target, 'openai-chat') &&
      target.provider.quirks.has('hides_thinking') &&
      target.card.abilities.has('reasoning') &&
      (target.card.quirks.has('chat_only') || !target.provider.quirks.has('speaks_responses')),
  },
  {
    features: ['tools_while_thinking'],
    where: 'a model takes tools through Responses only (quirk `responses_for_tools`)',
    support: refused,
    isNativeToo: true,
    holdsFor: (target) => speaks(target, 'openai-chat') && target.card.quirks.has('responses_for_tools'),
  },
  {
    features: ['forced_tool_while_thinking'],
    where: 'a Claude model thinks by a budget of tokens (Anthropic guide "Extended thinking", limits)',
    support: refused,
    isNativeToo: true,
    holdsFor: (target) =>
      speaks(target, 'anthropic-messages') && !target.card.quirks.has('adaptive_thinking'),
  },
  {
    features: ['json_beside_tools'],
    where:
      'a Gemini model thinks by a budget of tokens, as Gemini 2.5 does (Gemini guide "Structured output")',
    support: refused,
    isNativeToo: false,
    holdsFor: (target) => speaks(target, 'gemini-generate') && !target.card.quirks.has('thinking_level'),
  },
  {
    features: ['custom_tools'],
    where: 'a provider of chat completions knows functions only (all but OpenAI and Azure OpenAI)',
    support: doneBy('as a function with one text argument `input`, and back in the answer'),
    isNativeToo: false,
    holdsFor: (target) => speaks(target, 'openai-chat') && target.provider.quirks.has('functions_only'),
  },
  {
    features: ['custom_grammar'],
    where: 'a provider of chat completions knows functions only (all but OpenAI and Azure OpenAI)',
    support: refused,
    isNativeToo: true,
    holdsFor: (target) => speaks(target, 'openai-chat') && target.provider.quirks.has('functions_only'),
  },
  {
    features: ['end_user'],
    where: 'a provider of chat completions refuses `user` (Mistral)',
    support: passedOver(
      'user',
      'Limits and budgets count by it here; Mistral refuses fields that it does not know',
    ),
    isNativeToo: true,
    holdsFor: ({ provider }) => provider.quirks.has('no_end_user'),
  },
  {
    features: ['thinking_of_openai_chat'],
    where: 'a provider of chat completions takes no thinking back',
    support: passedOver(
      'messages.reasoning',
      'Chat completions have no place for thinking of earlier turns (OpenAI API reference, "Create chat completion")',
    ),
    isNativeToo: true,
    holdsFor: (target) =>
      speaks(target, 'openai-chat') && !target.provider.quirks.has('reply_members_returned'),
  },
  {
    features: ['thinking_without_token'],
    where: 'a provider of chat completions wants `reasoning_content` back (DeepSeek)',
    support: done,
    isNativeToo: false,
    holdsFor: ({ provider }) => provider.quirks.has('reasoning_content_returned'),
  },
  {
    features: [
      'media_in_instructions',
      'other_audio',
      'video_data',
      'video_address',
      'google_address',
      'output_image',
      'stop_over_four',
      'stop_over_five',
    ],
    where: 'the provider is OpenAI or Azure OpenAI (OpenAI API reference, "Create chat completion")',
    support: refused,
    isNativeToo: true,
    holdsFor: (target) => speaks(target, 'openai-chat') && target.provider.quirks.has('hides_thinking'),
  },
  {
    features: ['thinking_without_token'],
    where: 'a provider of chat completions takes no thinking back',
    support: passedOver(
      'messages.reasoning',
      'Chat completions have no place for thinking of earlier turns (OpenAI API reference, "Create chat completion")',
    ),
    isNativeToo: true,
    holdsFor: (target) =>
      speaks(target, 'openai-chat') &&
      !target.provider.quirks.has('reply_members_returned') &&
      !target.provider.quirks.has('reasoning_content_returned'),
  },
  {
    features: ['cache_hints'],
    where: 'a provider of chat completions knows no `cache_control` (all but OpenRouter)',
    support: passedOver(
      'cache_control',
      'Prompts are cached without being asked (OpenAI guide "Prompt caching")',
    ),
    isNativeToo: true,
    holdsFor: (target) => speaks(target, 'openai-chat') && !target.provider.quirks.has('takes_cache_marks'),
  },
  {
    features: ['json_beside_tools'],
    where: 'a Cohere model is asked (Cohere API reference, `response_format`)',
    support: refused,
    isNativeToo: true,
    holdsFor: (target) => speaks(target, 'cohere-chat'),
  },
]
