/** The list of models, and one of them, in the form of the Gemini API: a page at a time. */
import { z } from 'zod'
import type { ModelCard } from '#core/domain/model-card.ts'
import { Problem } from '#core/domain/problem.ts'
import { sendJson } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import { readModelMethod } from '#http/gemini/model-method.ts'
import { findListed } from '#http/listed-model.ts'
import type { DoorPorts, ListedModel } from '#http/ports.ts'

export const geminiModel = z
  .looseObject({
    name: z.string().describe('`models/` and what goes into the address.'),
    version: z.string(),
    displayName: z.string(),
    inputTokenLimit: z.int().optional(),
    outputTokenLimit: z.int().optional(),
    supportedGenerationMethods: z.array(z.string()),
    thinking: z.boolean().optional(),
  })
  .meta({ id: 'GeminiModel' })

export const geminiModelList = z
  .object({ models: z.array(geminiModel), nextPageToken: z.string().optional() })
  .meta({ id: 'GeminiModelList' })

/** Gemini API reference, `models.list`: 50 unless asked otherwise, and at most 1000 whatever is asked. */
const pageSizeUsual = 50
const pageSizeMax = 1_000

export function createGeminiModels({ catalogue }: Pick<DoorPorts, 'catalogue'>) {
  return {
    /** Throws `invalid_value` naming the part of the query. */
    list: (exchange: Exchange): void => {
      const models = catalogue.modelsFor(exchange.caller)
      const start = startOf(models, exchange.query['pageToken'])
      const page = models.slice(start, start + pageSizeOf(exchange.query['pageSize']))
      const last = page.at(-1)
      const hasMore = start + page.length < models.length
      sendJson(exchange, {
        models: page.map(modelEntry),
        ...(hasMore && last ? { nextPageToken: tokenOf(last.name) } : {}),
      })
    },
    /** Throws `model_not_found` with the nearest names. */
    one: (exchange: Exchange): void => {
      const { model, method } = readModelMethod(exchange.params['*'] ?? exchange.params['model'] ?? '')
      // Names of routes have colons of their own.
      const name = method === undefined ? model : `${model}:${method}`
      sendJson(exchange, modelEntry(findListed(catalogue.modelsFor(exchange.caller), name)))
    },
  }
}

const tokenOf = (name: string) => Buffer.from(name).toString('base64url')

/** A page begins after the model that the page before ended with. */
function startOf(models: readonly ListedModel[], token: unknown): number {
  if (token === undefined || token === '') return 0
  const place = models.findIndex(({ name }) => tokenOf(name) === token)
  if (place >= 0) return place + 1
  throw new Problem('invalid_value', {
    param: 'pageToken',
    detail: 'pageToken is not one that this list gave.',
    mend: 'Begin again without a token.',
  })
}

function pageSizeOf(value: unknown): number {
  if (value === undefined || value === '' || value === '0') return pageSizeUsual
  const size = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  if (size > 0) return Math.min(size, pageSizeMax)
  throw new Problem('invalid_value', {
    param: 'pageSize',
    detail: `pageSize must be a whole number from 1 to ${pageSizeMax}.`,
  })
}

function modelEntry({ name, card, isSimulated }: ListedModel): z.output<typeof geminiModel> {
  return {
    name: `models/${name}`,
    version: card?.providerModel ?? 'route',
    displayName: card?.title ?? name,
    description: describe(card, isSimulated),
    ...(card
      ? {
          inputTokenLimit: card.contextTokens,
          outputTokenLimit: card.maxOutputTokens,
          thinking: card.abilities.has('reasoning'),
        }
      : {}),
    supportedGenerationMethods: [...methodsOf(card)],
  }
}

function describe(card: ModelCard | undefined, isSimulated: boolean): string {
  if (!card) return 'A route of this gateway, which chooses among models.'
  return isSimulated ? 'Simulated: answers are made up here.' : `Served by ${card.provider}.`
}

function methodsOf(card: ModelCard | undefined): readonly string[] {
  const answers = ['generateContent', 'streamGenerateContent', 'countTokens']
  if (!card) return answers
  return [
    ...(card.abilities.has('text') ? answers : []),
    ...(card.abilities.has('embeddings') ? ['embedContent', 'batchEmbedContents'] : []),
  ]
}
