/** Embeddings as Cohere answers them: by number form. */
import type { EmbedAnswer, EmbedErrand, QuantisedForm, Vector } from '#core/domain/errand.ts'
import { asArray, asCount, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Target } from '#core/domain/target.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import { vectorFromBase64 } from '#core/domain/vector-text.ts'
import type { WholeReply } from '#services/llm-adapters/adapter.ts'
import { jsonReply, malformed } from '#services/llm-adapters/wire/json-reply.ts'
import { sumOfUsage } from '#services/llm-adapters/wire/usage-sum.ts'

const quantisedForms = ['int8', 'uint8', 'binary', 'ubinary'] as const satisfies readonly QuantisedForm[]

/** Throws `provider_malformed` when there is not one vector for each input, in each form that was asked for. */
export function readEmbeddings(
  replies: readonly WholeReply[],
  errand: EmbedErrand,
  target: Target,
): EmbedAnswer {
  const bodies = replies.map((reply) => jsonReply(reply, target))
  const forms = bodies.map((body) => asObject(body['embeddings']) ?? {})
  const gather = (name: string) => forms.flatMap((form) => asArray(form[name]))
  const float = gather('float')
  const vectors = readAll(float.length > 0 ? float : gather('base64'), target)
  const quantised: Partial<Record<QuantisedForm, readonly Vector[]>> = {}
  for (const form of quantisedForms) {
    if (errand.forms.includes(form)) quantised[form] = readAll(gather(form), target)
  }
  const isFloatAsked = errand.forms.includes('float') || errand.forms.includes('base64')
  for (const list of [...(isFloatAsked ? [vectors] : []), ...Object.values(quantised)]) {
    if (list.length !== errand.inputs.length) {
      throw malformed(`${list.length} vectors for ${errand.inputs.length} inputs`, target)
    }
  }
  const [only] = replies
  const isNative = errand.native?.dialect === 'cohere-chat' && replies.length === 1
  return {
    id: asString(bodies[0]?.['id']) ?? '',
    model: '',
    vectors,
    quantised,
    usage: sumOfUsage(bodies.map(usageOf)),
    ...(isNative && only ? { native: { dialect: 'cohere-chat', bytes: only.body } } : {}),
  }
}

function readAll(entries: readonly JsonValue[], target: Target): readonly Vector[] {
  return entries.map((entry, position) => {
    const vector = typeof entry === 'string' ? vectorFromBase64(entry) : numbersIn(entry)
    if (!vector) throw malformed(`no vector of numbers at position ${position}`, target)
    return vector
  })
}

function numbersIn(value: JsonValue): Vector | undefined {
  const numbers = asArray(value)
  return numbers.length > 0 && numbers.every((one) => typeof one === 'number') ? numbers : undefined
}

/** Tokens of images are billed beside those of texts. */
function usageOf(body: JsonObject): Usage {
  const billed = asObject(asObject(body['meta'])?.['billed_units'])
  const textTokens = asCount(billed?.['input_tokens'])
  const imageTokens = asCount(billed?.['image_tokens'])
  const inputTokens =
    textTokens === null && imageTokens === null ? null : (textTokens ?? 0) + (imageTokens ?? 0)
  return { ...unknownUsage, inputTokens, outputTokens: 0, inputImageTokens: imageTokens }
}
