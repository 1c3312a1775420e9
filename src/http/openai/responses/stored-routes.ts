/** The addresses under which responses are kept, as OpenAI has them. Where none are kept, each says so. */
import { z } from 'zod'
import { asArray } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { sendJson, sendText } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import { inputItemList, inputItemsPage, inputItemsQuery } from '#http/openai/responses/input-item-list.ts'
import { responseAnswer } from '#http/openai/responses/response-answer-schema.ts'
import { storeSetting } from '#http/openai/responses/unstored.ts'
import type { RouteRow } from '#http/routes.ts'
import { parseWith } from '#http/schema-problem.ts'
import type { KeptResponse } from '#core/domain/kept-response.ts'
import type { ResponseStore } from '#services/response-store/response-store.ts'

const deletedResponse = z
  .object({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) })
  .meta({ id: 'DeletedResponse' })

export function storedRoutes(store: ResponseStore): readonly RouteRow[] {
  const common = { permission: 'inference', shape: 'openai' } as const
  const found = (exchange: Exchange) => findResponse(store, exchange)
  return [
    {
      ...common,
      method: 'GET',
      path: '/v1/responses/:response',
      summary: 'A response that is kept (`responses.store`).',
      answer: { status: 200, schema: responseAnswer },
      async serve(exchange) {
        refuseStream(exchange)
        const { text } = await found(exchange)
        sendText(exchange, { contentType: 'application/json', text })
      },
    },
    {
      ...common,
      method: 'DELETE',
      path: '/v1/responses/:response',
      summary: 'Drops a response that is kept.',
      answer: { status: 200, schema: deletedResponse },
      async serve(exchange) {
        const id = idOf(exchange)
        if (!store.isOn()) throw nothingStored(id)
        if (!(await store.remove(exchange.caller, id))) throw notFound(id)
        sendJson(exchange, { id, object: 'response', deleted: true })
      },
    },
    {
      ...common,
      method: 'GET',
      path: '/v1/responses/:response/input_items',
      summary: 'The conversation that a kept response answers, in pages.',
      query: inputItemsQuery,
      answer: { status: 200, schema: inputItemList },
      async serve(exchange) {
        const { input } = await found(exchange)
        sendJson(exchange, inputItemsPage(input, parseWith(inputItemsQuery, { ...exchange.query })))
      },
    },
    {
      ...common,
      method: 'POST',
      path: '/v1/responses/:response/cancel',
      summary: 'Refused: a response is kept when it is whole.',
      isHidden: true,
      async serve(exchange) {
        await found(exchange)
        throw new Problem('invalid_value', {
          detail: 'Cannot cancel a synchronous response.',
          mend: 'Close the connection of a response that is still being answered.',
        })
      },
    },
  ]
}

const idOf = ({ params }: Exchange) => params['response'] ?? ''

async function findResponse(store: ResponseStore, exchange: Exchange): Promise<KeptResponse> {
  const id = idOf(exchange)
  if (!store.isOn()) throw nothingStored(id)
  const response = await store.find(exchange.caller, id)
  if (!response) throw notFound(id)
  return response
}

/** Only what runs in the background could be read again as a stream. */
function refuseStream({ query }: Exchange): void {
  if (![query['stream'], ...asArray(query['stream'])].includes('true')) return
  throw new Problem('unsupported_feature', {
    param: 'stream',
    detail: 'A kept response is whole and cannot be streamed again.',
    mend: 'Leave stream out.',
  })
}

const shown = (id: string) => id.slice(0, 80)

const notFound = (id: string) =>
  new Problem('not_found', {
    detail: `Response with id '${shown(id)}' not found.`,
    mend: 'It may have expired, have been deleted, or belong to another key.',
  })

const nothingStored = (id: string) =>
  new Problem('not_found', {
    detail: `No response is stored here, so "${shown(id)}" cannot be found.`,
    mend: `Keep what a response says when it comes; send its items back in \`input\`. The operator can turn \`${storeSetting}\` on.`,
  })
