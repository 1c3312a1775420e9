/** POST /v2/rerank: the Cohere ranking API, version 2, for every model that ranks. */
import type { RerankAnswer, RerankErrand } from '#core/domain/errand.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { rerankRequest } from '#http/cohere/rerank-schema.ts'
import type { ReadErrand } from '#http/errand.ts'
import { parseWith } from '#http/schema-problem.ts'
import { unknownMembers } from '#http/unknown-members.ts'
import { readWishes } from '#http/wishes.ts'

const knownNames: ReadonlySet<string> = new Set(Object.keys(rerankRequest.shape))

export const readCohereRerank: ReadErrand<'rerank'> = (body, { headers, requestId }) => {
  const request = parseWith(rerankRequest, body.value)
  const errand: RerankErrand = {
    kind: 'rerank',
    query: request.query,
    documents: request.documents,
    topCount: request.top_n ?? undefined,
    tokensPerDocumentMax: request.max_tokens_per_doc ?? undefined,
    unsaid: unknownMembers(body.value, knownNames),
    native: { dialect: 'cohere-chat', body: body.value, text: body.text, members: body.members },
  }
  return {
    asked: {
      door: 'cohere-rerank',
      dialect: 'cohere-chat',
      errand,
      modelAsked: request.model,
      userId: undefined,
      ...readWishes(headers),
    },
    write: (answer, receipt) => writeRanking(answer, receipt, requestId),
  }
}

function writeRanking(
  { id, results, native }: RerankAnswer,
  { usage }: Receipt,
  requestId: string,
): Uint8Array {
  if (native?.dialect === 'cohere-chat') return native.bytes
  const { searchUnits, inputTokens } = usage
  const billed =
    searchUnits === undefined ? { input_tokens: inputTokens ?? 0 } : { search_units: searchUnits }
  return Buffer.from(
    JSON.stringify({
      id: id || requestId,
      results: results.map(({ index, score }) => ({ index, relevance_score: score })),
      meta: { api_version: { version: '2' }, billed_units: billed },
    }),
  )
}
