/** GET /v1/models: the models that a caller may name, in the list form of the OpenAI API with more beside it. */
import { z } from 'zod'
import { priceAt } from '#core/domain/model-card.ts'
import type { ModelCard } from '#core/domain/model-card.ts'
import { nanoPerUsd } from '#core/domain/money.ts'
import { nearestNames } from '#core/domain/nearest-names.ts'
import { Problem } from '#core/domain/problem.ts'
import { sendJson } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
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
    created: releasedAtS(model.card),
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
      const models = catalogue.modelsFor(exchange.caller)
      const found = models.find((listed) => isNamed(listed, name))
      if (!found) {
        throw new Problem('model_not_found', {
          param: 'model',
          detail: `No model or route has the name "${name.slice(0, 128)}".`,
          nearest: nearestNames(
            name,
            models.map((listed) => listed.name),
          ),
        })
      }
      sendJson(exchange, entryOf(found))
    },
  }
}

function isNamed({ name, aliases, card }: ListedModel, wanted: string): boolean {
  if (name === wanted || aliases.includes(wanted)) return true
  return card !== undefined && `${card.provider}/${card.name}` === wanted
}

function releasedAtS(card: ModelCard | undefined): number {
  const releasedAtMs = card?.releasedOn === undefined ? Number.NaN : Date.parse(card.releasedOn)
  return Number.isNaN(releasedAtMs) ? 0 : Math.floor(releasedAtMs / 1_000)
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
