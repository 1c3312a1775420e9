/** Embeddings as Gemini answers them, one or a batch. */
import type { EmbedAnswer, EmbedErrand, Vector } from '#core/domain/errand.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Target } from '#core/domain/target.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { WholeReply } from '#services/llm-adapters/adapter.ts'
import { usageOf } from '#services/llm-adapters/gemini/usage-metadata.ts'
import { jsonReply, malformed } from '#services/llm-adapters/wire/json-reply.ts'
import { sumOfUsage } from '#services/llm-adapters/wire/usage-sum.ts'

/** Throws `provider_malformed` when there is not one vector for each input. */
export function readEmbeddings(
  replies: readonly WholeReply[],
  errand: EmbedErrand,
  target: Target,
): EmbedAnswer {
  const bodies = replies.map((reply) => jsonReply(reply, target))
  const vectors = bodies.flatMap((body) => vectorsOf(body, target))
  if (vectors.length !== errand.inputs.length) {
    throw malformed(`${vectors.length} vectors for ${errand.inputs.length} inputs`, target)
  }
  const [only] = replies
  const isNative = errand.native?.dialect === 'gemini-generate' && replies.length === 1
  return {
    id: '',
    model: '',
    vectors,
    usage: sumOfUsage(bodies.map(usageIn)),
    ...(isNative && only ? { native: { dialect: 'gemini-generate', bytes: only.body } } : {}),
  }
}

function vectorsOf(body: JsonObject, target: Target): readonly Vector[] {
  const entries = body['embedding'] === undefined ? asArray(body['embeddings']) : [body['embedding']]
  return entries.map((entry, position) => {
    const values = numbersIn(asObject(entry)?.['values'])
    if (!values) throw malformed(`no vector of numbers at position ${position}`, target)
    return values
  })
}

function numbersIn(value: JsonValue | undefined): Vector | undefined {
  const numbers = asArray(value)
  return numbers.length > 0 && numbers.every((one) => typeof one === 'number') ? numbers : undefined
}

/** Older models say nothing about usage. The details stand under another name here than elsewhere. */
function usageIn(body: JsonObject): Usage {
  const metadata = asObject(body['usageMetadata'])
  const details = metadata?.['promptTokensDetails'] ?? metadata?.['promptTokenDetails']
  const usage = usageOf(metadata && { ...metadata, promptTokensDetails: details })
  return { ...(usage ?? unknownUsage), outputTokens: 0 }
}
