/** Everything that a question can use, as bits, so that "can be asked all of this" is a few operations. */

const features = [
  // The conversation.
  'system_prompt',
  'developer_role',
  'later_instructions',
  'media_in_instructions',
  'earlier_turns',
  'media_in_answers',
  'tool_results',
  'failed_tool_results',
  'media_in_tool_results',
  'thinking_of_openai_chat',
  'thinking_of_openai_responses',
  'thinking_of_anthropic',
  'thinking_of_gemini',
  'thinking_without_token',
  'past_items_of_openai_chat',
  'past_items_of_openai_responses',
  'past_items_of_anthropic',
  'past_items_of_gemini',
  'past_items_of_cohere',
  'items_of_openai_chat',
  'items_of_openai_responses',
  'items_of_anthropic',
  'items_of_gemini',
  'items_of_cohere',
  'cache_hints',
  // Media.
  'image_data',
  'image_address',
  'pdf_data',
  'document_address',
  'text_document',
  'other_document',
  'audio_data',
  'other_audio',
  'audio_address',
  'video_data',
  'video_address',
  'google_address',
  'openai_file',
  'openai_image_file',
  'openai_audio_reply',
  'anthropic_file',
  'gemini_file',
  // Tools, and the form of the answer.
  'tools',
  'strict_tools',
  'custom_tools',
  'custom_grammar',
  'server_tools_of_openai_chat',
  'server_tools_of_openai_responses',
  'server_tools_of_anthropic',
  'server_tools_of_gemini',
  'server_tools_of_cohere',
  'choice_auto',
  'choice_required',
  'choice_none',
  'choice_named',
  'choice_allowed',
  'one_call_at_a_time',
  'one_call_of_a_forced_tool',
  'json_schema',
  'json_without_schema',
  'json_beside_tools',
  'output_audio',
  'output_image',
  // Thinking.
  'reasoning_effort',
  'reasoning_budget',
  'reasoning_off',
  'reasoning_shown',
  'tools_while_thinking',
  'forced_tool_while_thinking',
  'sampling_while_thinking',
  // Numbers and words beside.
  'streaming',
  'output_cap',
  'stop',
  'blank_stop',
  'stop_over_four',
  'stop_over_five',
  'seed',
  'temperature',
  'high_temperature',
  'top_p',
  'temperature_with_top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'penalties_outside_unit',
  'logprobs',
  'alternative_tokens',
  'several_answers',
  'end_user',
] as const

export type Feature = (typeof features)[number]

/** Every feature there is, in the order of the reference. */
export const allFeatures: readonly Feature[] = features

/** A set of features: bits 0 to 29, 30 to 59 and 60 to 89 of the list above. */
export interface FeatureSet {
  readonly first: number
  readonly second: number
  readonly third: number
}

export interface FeatureDraft {
  first: number
  second: number
  third: number
}

const bitsPerNumber = 30
const positionOf: ReadonlyMap<Feature, number> = new Map(features.map((feature, at) => [feature, at]))

export const noFeatures: FeatureSet = { first: 0, second: 0, third: 0 }

export function addFeature(draft: FeatureDraft, feature: Feature): void {
  const position = positionOf.get(feature) ?? 0
  if (position < bitsPerNumber) draft.first |= 1 << position
  else if (position < 2 * bitsPerNumber) draft.second |= 1 << (position - bitsPerNumber)
  else draft.third |= 1 << (position - 2 * bitsPerNumber)
}

export function featureSet(given: Iterable<Feature>): FeatureSet {
  const draft = { first: 0, second: 0, third: 0 }
  for (const feature of given) addFeature(draft, feature)
  return draft
}

/** Whether the two have anything in common: three operations on numbers. */
export function haveCommon(one: FeatureSet, other: FeatureSet): boolean {
  return ((one.first & other.first) | (one.second & other.second) | (one.third & other.third)) !== 0
}

export function isEmpty({ first, second, third }: FeatureSet): boolean {
  return (first | second | third) === 0
}

/** What the two have in common, in the order of the reference. */
export function commonFeatures(one: FeatureSet, other: FeatureSet): readonly Feature[] {
  if (!haveCommon(one, other)) return nothing
  return features.filter((feature) => hasFeature(one, feature) && hasFeature(other, feature))
}
const nothing: readonly Feature[] = []

export function hasFeature(set: FeatureSet, feature: Feature): boolean {
  const position = positionOf.get(feature) ?? 0
  if (position < bitsPerNumber) return (set.first & (1 << position)) !== 0
  if (position < 2 * bitsPerNumber) return (set.second & (1 << (position - bitsPerNumber))) !== 0
  return (set.third & (1 << (position - 2 * bitsPerNumber))) !== 0
}
