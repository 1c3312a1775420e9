/** Ranking of documents as Cohere does it, and the servers that copy its form: `POST /rerank`. */
import type { RerankAnswer, RerankErrand } from '#core/domain/errand.ts'
import { asArray, asCount, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { noUsage, unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { WholeReply } from '#services/llm-adapters/adapter.ts'
import { explainCohere } from '#services/llm-adapters/cohere/explain.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { endpointPath } from '#services/llm-adapters/openai-chat/endpoint-path.ts'
import { explainOpenAi } from '#services/llm-adapters/openai-chat/explain.ts'
import { jsonReply, malformed } from '#services/llm-adapters/wire/json-reply.ts'

/** Source: Cohere API v2 reference, "Rerank". */
export const cohereRerank = rerankWith(explainCohere, true)

/** The same request at a server that speaks OpenAI otherwise: vLLM, Together, OpenRouter. */
export const cousinRerank = rerankWith(explainOpenAi, false)

type Explain = (reply: WholeReply, target: Target) => Problem

/** `isNative`: the caller's own bytes pass both ways. */
function rerankWith(explain: Explain, isNative: boolean): ErrandAdapter<'rerank'> {
  return {
    encode: (errand, target) => [
      {
        path: endpointPath(target, '/rerank'),
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: bodyOf(errand, target, isNative),
        isStreamed: false,
        dropped: isNative ? [] : (errand.unsaid ?? []),
      },
    ],
    decode: ([reply], errand, target) => {
      if (!reply) throw malformed('no reply', target)
      const answer = readRanking(reply, errand, target)
      return isNative ? { ...answer, native: { dialect: 'cohere-chat', bytes: reply.body } } : answer
    },
    explain,
  }
}

function bodyOf(errand: RerankErrand, target: Target, isNative: boolean): string {
  const { native, topCount, tokensPerDocumentMax } = errand
  if (native && isNative) {
    return spliceMembers(native, { model: native.body['model'] === target.model ? undefined : target.model })
  }
  const body: JsonObject = {
    model: target.model,
    query: errand.query,
    documents: errand.documents,
    ...(topCount === undefined ? {} : { top_n: topCount }),
    ...(tokensPerDocumentMax === undefined ? {} : { max_tokens_per_doc: tokensPerDocumentMax }),
  }
  return JSON.stringify(body)
}

/** Throws `provider_malformed` for results that name no document. */
function readRanking(reply: WholeReply, errand: RerankErrand, target: Target): RerankAnswer {
  const body = jsonReply(reply, target)
  if (!Array.isArray(body['results'])) throw malformed('a ranking without results', target)
  const results = asArray(body['results']).map((entry) => {
    const result = asObject(entry)
    const index = asCount(result?.['index'])
    const score = asNumber(result?.['relevance_score'])
    if (index === null || index >= errand.documents.length || score === undefined) {
      throw malformed('a result that names no document or no score', target)
    }
    return { index, score }
  })
  results.sort((one, other) => other.score - one.score)
  return { id: asString(body['id']) ?? '', results, usage: usageOf(body) }
}

/** Cohere bills search units, others tokens. */
function usageOf(body: JsonObject): Usage {
  const billed = asObject(asObject(body['meta'])?.['billed_units'])
  const searchUnits = asCount(billed?.['search_units'])
  const usage = asObject(body['usage'])
  const tokens =
    asCount(usage?.['total_tokens']) ?? asCount(usage?.['prompt_tokens']) ?? asCount(billed?.['input_tokens'])
  if (searchUnits !== null) return { ...noUsage, inputTokens: tokens ?? 0, searchUnits }
  return { ...unknownUsage, inputTokens: tokens, outputTokens: 0 }
}
