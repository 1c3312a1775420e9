/** GET /v1/models in the form of Anthropic's Models API: the newest first, a page at a time. */
import { z } from 'zod'
import type { ModelCard } from '#core/domain/model-card.ts'
import { Problem } from '#core/domain/problem.ts'
import { modelCapabilities } from '#http/anthropic/model-capabilities.ts'
import { sendText } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import { findListed, releasedAtMs } from '#http/listed-model.ts'
import type { DoorPorts, ListedModel } from '#http/ports.ts'
import { parseWith } from '#http/schema-problem.ts'

export const anthropicModel = z
  .looseObject({
    type: z.literal('model'),
    id: z.string().describe('What goes into `model`.'),
    display_name: z.string(),
    created_at: z.string().describe('RFC 3339; 1970 when unknown.'),
    max_input_tokens: z.int().nullable(),
    max_tokens: z.int().nullable(),
    lifecycle: z.enum(['active', 'deprecated', 'retired']),
  })
  .meta({ id: 'AnthropicModel' })

export const anthropicModelList = z
  .object({
    data: z.array(anthropicModel),
    has_more: z.boolean(),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  })
  .meta({ id: 'AnthropicModelList' })

/** The parts of an address are texts. */
const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(20),
  after_id: z.string().optional(),
  before_id: z.string().optional(),
})

export function createAnthropicModels({ catalogue, clock }: Pick<DoorPorts, 'catalogue' | 'clock'>) {
  const entryOf = (model: ListedModel) => modelEntry(model, clock.nowMs())
  return {
    /** Throws `invalid_value` naming the part of the query. */
    list: (exchange: Exchange): void => {
      const models = [...catalogue.modelsFor(exchange.caller)].sort(
        (a, b) => releasedAtMs(b.card) - releasedAtMs(a.card),
      )
      const { page, hasMore } = pageOf(models, exchange.query)
      send(exchange, {
        data: page.map(entryOf),
        has_more: hasMore,
        first_id: page[0]?.name ?? null,
        last_id: page.at(-1)?.name ?? null,
      })
    },
    /** Throws `model_not_found` with the nearest names. */
    one: (exchange: Exchange): void => {
      const name = exchange.params['model'] ?? exchange.params['*'] ?? ''
      send(exchange, entryOf(findListed(catalogue.modelsFor(exchange.caller), name)))
    },
  }
}

interface Page {
  readonly page: readonly ListedModel[]
  readonly hasMore: boolean
}

/** After an id the page begins, before one it ends; `has_more` looks in the direction that was asked for. */
function pageOf(models: readonly ListedModel[], query: Exchange['query']): Page {
  const { limit, after_id: after, before_id: before } = parseWith(pageQuery, query)
  if (after !== undefined && before !== undefined) {
    throw wrong('before_id', 'after_id and before_id cannot be used together.')
  }
  if (before !== undefined) {
    const end = placeOf(models, before, 'before_id')
    const start = Math.max(0, end - limit)
    return { page: models.slice(start, end), hasMore: start > 0 }
  }
  const start = after === undefined ? 0 : placeOf(models, after, 'after_id') + 1
  return { page: models.slice(start, start + limit), hasMore: start + limit < models.length }
}

function placeOf(models: readonly ListedModel[], id: string, param: string): number {
  const place = models.findIndex(({ name }) => name === id)
  if (place < 0) throw wrong(param, `No model has the id "${id.slice(0, 128)}".`)
  return place
}

const wrong = (param: string, detail: string) => new Problem('invalid_value', { param, detail })

function modelEntry({ name, card }: ListedModel, nowMs: number): z.output<typeof anthropicModel> {
  return {
    type: 'model',
    id: name,
    display_name: card?.title ?? name,
    created_at: new Date(releasedAtMs(card)).toISOString(),
    max_input_tokens: card?.contextTokens ?? null,
    max_tokens: card?.maxOutputTokens ?? null,
    capabilities: card ? modelCapabilities(card) : null,
    ...lifecycleOf(card, nowMs),
    line: null,
  }
}

/** A model that is to be retired is called deprecated until then. */
function lifecycleOf(card: ModelCard | undefined, nowMs: number) {
  const retiresAtMs = card?.retiresOn === undefined ? Number.NaN : Date.parse(card.retiresOn)
  if (Number.isNaN(retiresAtMs)) {
    return { lifecycle: 'active', deprecated_at: null, retires_at: null } as const
  }
  const retires_at = new Date(retiresAtMs).toISOString()
  const lifecycle = retiresAtMs <= nowMs ? ('retired' as const) : ('deprecated' as const)
  return { lifecycle, deprecated_at: null, retires_at }
}

function send(exchange: Exchange, value: unknown): void {
  sendText(exchange, {
    contentType: 'application/json',
    text: JSON.stringify(value),
    headers: { 'request-id': exchange.requestId },
  })
}
