/** The Responses API where responses are kept: the surface of responses.ts, with what a request points at and what it leaves. */
import type { ReadRequest } from '#http/inference.ts'
import type { ErrandRequest } from '#http/errand.ts'
import type { SurfaceHead } from '#http/attendance.ts'
import type { JsonBody } from '#http/json-body.ts'
import { readInputTokens } from '#http/openai/responses/input-tokens.ts'
import { keptConversation } from '#http/openai/responses/kept-conversation.ts'
import { createResponseKeeping } from '#http/openai/responses/response-keeping.ts'
import { readResponses, requestOf, stemOf } from '#http/openai/responses/responses.ts'
import type { ResponseStore } from '#services/response-store/response-store.ts'

export interface KeptResponses {
  /** Throws as `readResponses` and `keptConversation` do. */
  readonly read: (body: JsonBody, head: SurfaceHead) => Promise<ReadRequest>
  readonly readInputTokens: (body: JsonBody, head: SurfaceHead) => Promise<ErrandRequest<'count-tokens'>>
}

export function createKeptResponses(store: ResponseStore, bodyBytesMax: number): KeptResponses {
  const resolve = async (body: JsonBody, head: SurfaceHead) => {
    const request = requestOf(body)
    const wish = { request, body, head, stem: stemOf(head), bodyBytesMax }
    return { request, conversation: await keptConversation(store, wish) }
  }
  return {
    async read(body, head) {
      const { request, conversation } = await resolve(body, head)
      const { input, ownItems, resolution } = conversation
      const wanted = readResponses(conversation.body, head, resolution)
      const previousResponseId = request.previous_response_id ?? null
      if (request.store === false && previousResponseId === null) return wanted
      const keeping = createResponseKeeping({
        input,
        previousResponseId,
        keep:
          request.store === false
            ? undefined
            : ({ outputItems, ...response }) =>
                store.keep(head.caller, { ...response, ownItems: [...ownItems, ...outputItems] }),
      })
      return { ...wanted, keeping }
    },
    async readInputTokens(body, head) {
      const { conversation } = await resolve(body, head)
      return readInputTokens(conversation.body, head, conversation.resolution)
    },
  }
}
