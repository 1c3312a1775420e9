/** GET /v1/models: the models that a caller may name, in the list form of the OpenAI API with more beside it. */
import { z } from 'zod'
import { priceAt } from '#core/domain/model-card.ts'
import type { ModelCard } from '#core/domain/model-card.ts'
import { nanoPerUsd } from '#core/domain/money.ts'
import { sendJson } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import { findListed, releasedAtMs } from '#http/listed-model.ts'
import type { DoorPorts, ListedModel } from '#http/ports.ts'

export const modelEntry = z
  .object({
    id: z.string().describe('What goes into `model`.'),
    object: z.literal('model'),
    created: z.int().describe('Seconds since 1970; 0 when unknown.'),
    owned_by: z.string().describe('The provider; `signalbox` for a route.'),
    title: z.string().optional(),
    aliases: z.array(z.string()),
    available: z.boolean().describe('Whether a provider is configured that can answer now.'),
    simulated: z.boolean(),
    context_window: z.int().optional(),
    max_output_tokens: z.int().optional(),
    abilities: z.array(z.string()).optional(),
    pricing: z
      .object({ input: z.number(), output: z.number() })
      .optional()
      .describe('US dollars per million tokens, as they are now.'),
  })
  .meta({ id: 'Model' })

export const modelList = z
  .object({ object: z.literal('list'), data: z.array(modelEntry) })
  .meta({ id: 'ModelList' })

export function createModels({ catalogue, clock }: Pick<DoorPorts, 'catalogue' | 'clock'>) {
  const entryOf = (model: ListedModel): z.output<typeof modelEntry> => ({
    id: model.name,
    object: 'model',
    created: Math.floor(releasedAtMs(model.card) / 1_000),
    owned_by: model.card?.provider ?? 'signalbox',
    aliases: [...model.aliases],
    available: model.isAvailable,
    simulated: model.isSimulated,
    ...(model.card ? cardPart(model.card, clock.nowMs()) : {}),
  })

  return {
    list: (exchange: Exchange): void => {
      sendJson(exchange, { object: 'list', data: catalogue.modelsFor(exchange.caller).map(entryOf) })
    },
    /** Throws `model_not_found` with the nearest names. */
    one: (exchange: Exchange): void => {
      const name = exchange.params['model'] ?? exchange.params['*'] ?? ''
      sendJson(exchange, entryOf(findListed(catalogue.modelsFor(exchange.caller), name)))
    },
  }
}

function cardPart(card: ModelCard, nowMs: number) {
  const price = priceAt(card, nowMs)
  return {
    ...(card.title === undefined ? {} : { title: card.title }),
    context_window: card.contextTokens,
    max_output_tokens: card.maxOutputTokens,
    abilities: [...card.abilities],
    ...(price
      ? { pricing: { input: price.base.input / nanoPerUsd, output: price.base.output / nanoPerUsd } }
      : {}),
  }
}
