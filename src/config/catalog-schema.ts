/** The form of the model catalogue: what stands in config/model_catalog.yaml. */
import { z } from 'zod'
import { count, line, plainName } from '#config/schema/value-forms.ts'
import { usdToNano } from '#core/domain/money.ts'
import type { Ability } from '#core/domain/model-card.ts'

/** Every ability with what it means, for the documentation. */
export const abilityMeanings: Readonly<Record<Ability, string>> = {
  text: 'answers in text',
  streaming: 'can stream its answer',
  image_input: 'reads images',
  pdf_input: 'reads PDF documents',
  audio_input: 'hears audio',
  video_input: 'watches video',
  image_output: 'draws images',
  audio_output: 'speaks',
  tools: 'calls tools',
  tool_choice: 'can be made to call a tool',
  parallel_tools: 'calls several tools at once',
  json_object: 'can be held to JSON',
  json_schema: 'can be held to a JSON schema',
  reasoning: 'thinks before it answers',
  temperature: 'takes temperature and top_p',
  system_prompt: 'takes a system prompt',
  logprobs: 'gives the probabilities of its tokens',
  multiple_answers: 'gives several answers at once',
  stop_sequences: 'stops at given texts',
  prompt_caching: 'charges less for a prompt that it has read before',
}

/** Special needs of models that adapters read from a card, with what each means. */
export const quirkMeanings: Readonly<Record<string, string>> = {
  max_completion_tokens: 'takes `max_completion_tokens` in place of `max_tokens`',
  responses_for_tools: 'takes tools through the Responses API only',
  responses_only: 'is reached through the Responses API only',
  adaptive_thinking: 'takes an effort in place of a budget for thinking',
  thinking_always_on: 'cannot be told not to think (Claude)',
  thinking_always: 'cannot be told not to think (Gemini)',
  thinking_level: 'takes a level in place of a budget for thinking',
  no_xhigh_effort: 'takes no effort `xhigh`',
  no_max_effort: 'takes no effort `max`',
  mid_conversation_system: 'takes system messages in the middle of a conversation',
}

const abilities = Object.keys(abilityMeanings) as [Ability, ...Ability[]]
const quirks = Object.keys(quirkMeanings) as [string, ...string[]]

const price = z.union([z.string().max(32), z.number()]).refine(isPrice, {
  error: 'must be a price in US dollars like "2.50"',
})

function isPrice(value: string | number): boolean {
  try {
    return usdToNano(value) >= 0
  } catch {
    return false
  }
}

const day = z.iso.date({ error: 'must be a date like 2026-11-23' })

/** All in US dollars for a million tokens, but for `per_request` and `per_tool_use`. */
const priceList = {
  input: price,
  output: price,
  cached_input: price.optional(),
  cache_write: price.optional(),
  cache_write_hour: price.optional(),
  reasoning: price.optional(),
  input_image: price.optional(),
  input_audio: price.optional(),
  output_image: price.optional(),
  output_audio: price.optional(),
  per_request: price.optional(),
  per_tool_use: z.record(line, price).optional(),
}

const priceTier = z.strictObject({ above_input_tokens: count(1, 1_000_000_000), ...priceList })

const priceVersion = z.strictObject({
  valid_from: day,
  source: line,
  ...priceList,
  tiers: z.array(priceTier).max(16).default([]),
})

export const catalogModelSchema = z.strictObject({
  provider: plainName,
  provider_model: plainName.optional(),
  title: line.optional(),
  abilities: z.array(z.enum(abilities)).min(1),
  context_tokens: count(1, 1_000_000_000),
  max_output_tokens: count(1, 1_000_000_000),
  quality: z.number().min(0).max(1).optional(),
  released_on: day.optional(),
  retires_on: day.optional(),
  prices: z.array(priceVersion).max(64).default([]),
  quirks: z.array(z.enum(quirks)).default([]),
})

export const catalogSchema = z.strictObject({
  models: z.record(plainName, catalogModelSchema).default({}),
  aliases: z.record(plainName, plainName).default({}),
})

/** A file of overrides may state a part of a model. */
export const catalogOverridesSchema = z.strictObject({
  models: z
    .record(
      plainName,
      catalogModelSchema
        .extend({
          prices: z.array(priceVersion).max(64),
          quirks: z.array(z.enum(quirks)),
        })
        .partial(),
    )
    .default({}),
  aliases: z.record(plainName, plainName).default({}),
})

export type CatalogFile = z.output<typeof catalogSchema>
export type CatalogModel = z.output<typeof catalogModelSchema>
export type CatalogOverrides = z.output<typeof catalogOverridesSchema>
export type CatalogPrice = CatalogModel['prices'][number]
