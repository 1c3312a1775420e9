/** The form of the model catalogue: what stands in config/model_catalog.yaml. */
import { z } from 'zod'
import { day, factor, priceList, priceTiers, serviceTiers, serviceWords } from '#config/schema/price-forms.ts'
import { count, line, plainName } from '#config/schema/value-forms.ts'
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
  embeddings: 'makes vectors of texts',
  rerank: 'ranks documents by a query',
  moderation: 'judges whether content is harmful',
}

/** Special needs of models that adapters read from a card, with what each means. */
export const quirkMeanings: Readonly<Record<string, string>> = {
  max_completion_tokens: 'takes `max_completion_tokens` in place of `max_tokens`',
  responses_for_tools: 'takes tools through the Responses API only',
  responses_only: 'is reached through the Responses API only',
  chat_only: 'is reached through chat completions only, where its provider speaks Responses too',
  adaptive_thinking: 'takes an effort in place of a budget for thinking',
  thinking_always_on: 'cannot be told not to think (Claude)',
  thinking_always: 'cannot be told not to think (Gemini)',
  thinking_level: 'takes a level in place of a budget for thinking',
  minimal_thinking_level: 'takes the level `minimal` too',
  no_xhigh_effort: 'takes no effort `xhigh`',
  no_max_effort: 'takes no effort `max`',
  mid_conversation_system: 'takes system messages in the middle of a conversation',
  continues_answers:
    'goes on with an answer whose beginning stands last in the conversation, while it does not think',
}

const abilities = Object.keys(abilityMeanings) as [Ability, ...Ability[]]
const quirks = Object.keys(quirkMeanings) as [string, ...string[]]

const priceVersion = z.strictObject({
  valid_from: day.describe('The day (UTC) from which these prices hold.'),
  valid_to: day
    .optional()
    .describe('The day (UTC) from which they hold no longer; left out, until a later version holds.'),
  source: line.describe('Where the prices were read, and when.'),
  ...priceList,
  tiers: priceTiers,
  service_tiers: serviceTiers,
})

const dimensions = count(1, 100_000)

const embedding = z.strictObject({
  dimensions: dimensions.describe('How many numbers a vector has unless another count is asked for.'),
  dimensions_least: dimensions
    .optional()
    .describe('The fewest that can be asked for; left out where no count may be asked for.'),
  dimensions_most: dimensions
    .optional()
    .describe('The most that can be asked for, where that is more than the usual count.'),
  dimensions_choices: z
    .array(dimensions)
    .min(1)
    .max(64)
    .optional()
    .describe('The only counts that can be asked for, where not every one can.'),
})

export const catalogModelSchema = z.strictObject({
  provider: plainName.describe('The provider that serves it.'),
  provider_model: plainName.optional().describe('The name that the provider knows, when it is another one.'),
  title: line.optional().describe('Its name for people.'),
  abilities: z
    .array(z.enum(abilities))
    .min(1)
    .describe('What it can do; a request that needs more goes to another model.'),
  context_tokens: count(1, 1_000_000_000).describe('Input and output together.'),
  max_output_tokens: count(0, 1_000_000_000).describe('The longest answer; 0 for a model that writes none.'),
  embedding: embedding.optional().describe('What its vectors are like, for a model that makes some.'),
  quality: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('How good its answers are, for choosing among models.'),
  released_on: day.optional().describe('The day of its release.'),
  retires_on: day.optional().describe('The day on which its provider turns it off.'),
  prices: z
    .array(priceVersion)
    .max(64)
    .default([])
    .describe('US dollars for a million tokens; empty means unknown, not free.'),
  quirks: z.array(z.enum(quirks)).default([]).describe('Special needs that its adapter reads.'),
})

const providerServiceTiers = z
  .record(plainName, z.partialRecord(z.enum(serviceWords), factor))
  .default({})
  .describe('Service tiers by provider, as factors on the prices of every model that states none of its own.')

export const catalogSchema = z.strictObject({
  service_tiers: providerServiceTiers,
  models: z.record(plainName, catalogModelSchema).default({}),
  aliases: z.record(plainName, plainName).default({}),
})

/** A file of overrides may state a part of a model. */
export const catalogOverridesSchema = z.strictObject({
  service_tiers: providerServiceTiers,
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
