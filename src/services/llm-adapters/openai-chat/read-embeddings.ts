/** Embeddings as OpenAI and its cousins answer them. */
import type { EmbedAnswer, EmbedErrand, Vector } from '#core/domain/errand.ts'
import { asArray, asCount, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Target } from '#core/domain/target.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import { vectorFromBase64 } from '#core/domain/vector-text.ts'
import type { WholeReply } from '#services/llm-adapters/adapter.ts'
import { explainOpenAiError } from '#services/llm-adapters/openai-chat/explain.ts'
import { usageOfChat } from '#services/llm-adapters/openai-chat/read-usage.ts'
import { asBuffer } from '#services/llm-adapters/wire/byte-hold.ts'
import { jsonReply, malformed } from '#services/llm-adapters/wire/json-reply.ts'
import { sumOfUsage } from '#services/llm-adapters/wire/usage-sum.ts'

/** Throws `provider_malformed` when there is not one vector for each input. */
export function readEmbeddings(
  replies: readonly WholeReply[],
  errand: EmbedErrand,
  target: Target,
): EmbedAnswer {
  const [only] = replies
  const isNative = errand.native?.dialect === 'openai-chat' && !target.provider.isSimulated
  const passed = isNative && only && replies.length === 1 ? passedOn(only, errand, target) : undefined
  if (passed) return passed

  const isBase64Asked = isNative && errand.forms.includes('base64')
  const vectors: Vector[] = []
  const usages: Usage[] = []
  let model = ''
  for (const reply of replies) {
    const body = jsonReply(reply, target)
    if (body['error'] !== undefined && body['error'] !== null) throw explainOpenAiError(body, target)
    model ||= asString(body['model']) ?? ''
    vectors.push(...vectorsOf(body, isBase64Asked, target))
    usages.push(usageOf(body, target))
  }
  if (vectors.length !== errand.inputs.length) {
    throw malformed(`${vectors.length} vectors for ${errand.inputs.length} inputs`, target)
  }
  return { id: '', model, vectors, usage: sumOfUsage(usages) }
}

/**
 * The reply as it came, read only as far as its usage; undefined when its vectors are not of the form that was asked
 * for, or it must be read in full for another reason. Quotes inside a JSON string are escaped, so no text of a
 * caller looks like a member's name here.
 */
function passedOn(reply: WholeReply, errand: EmbedErrand, target: Target): EmbedAnswer | undefined {
  // One character for each byte: enough to find ASCII names.
  const text = asBuffer(reply.body).toString('latin1')
  const asked = openingAsked(errand)
  let end = 0
  for (let found = 0; found < errand.inputs.length; found++) {
    const name = text.indexOf(vectorName, end)
    const start = name === -1 ? -1 : skipSpace(text, name + vectorName.length)
    const opening = start === -1 ? '' : text.charAt(start)
    if (opening !== '"' && opening !== '[') return undefined
    if (asked !== undefined && opening !== asked) return undefined
    end = text.indexOf(opening === '[' ? ']' : opening, start + 1)
    if (end === -1) return undefined
  }
  const body = text.includes(vectorName, end) ? undefined : withoutData(text, end + 1)
  if (!body) return undefined
  return {
    id: '',
    model: asString(body['model']) ?? '',
    vectors: [],
    usage: usageOf(body, target),
    native: { dialect: 'openai-chat', bytes: reply.body },
  }
}

const vectorName = '"embedding":'

/** How each vector must begin; undefined where the caller left the form to the server, or asked for one of its own. */
function openingAsked({ native }: EmbedErrand): string | undefined {
  const form = native?.body['encoding_format']
  if (form === 'base64') return '"'
  return form === 'float' ? '[' : undefined
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) <= 0x20) at++
  return at
}

/** The reply's members but for its vectors, of which the last ends at `vectorsEnd`. */
function withoutData(text: string, vectorsEnd: number): JsonObject | undefined {
  const open = text.indexOf('[', text.indexOf('"data"'))
  const close = text.indexOf(']', vectorsEnd)
  if (open === -1 || open > vectorsEnd || close === -1) return undefined
  return asObject(parseJson(`${text.slice(0, open)}[]${text.slice(close + 1)}`))
}

/** In the order of their own numbers, which is also the order of the inputs. */
function vectorsOf(body: JsonObject, isBase64Asked: boolean, target: Target): readonly Vector[] {
  const entries = asArray(body['data'])
  const byIndex = new Map<number, Vector>()
  for (const [position, entry] of entries.entries()) {
    const members = asObject(entry)
    const vector = vectorOf(members?.['embedding'], isBase64Asked)
    if (!vector) throw malformed(`no vector of numbers at position ${position}`, target)
    byIndex.set(asCount(members?.['index']) ?? position, vector)
  }
  return entries.map((_, position) => {
    const vector = byIndex.get(position)
    if (!vector) throw malformed(`no vector with the index ${position}`, target)
    return vector
  })
}

/** Numbers, which some servers send whatever was asked for, or base64 of floats; text unasked may hold anything. */
function vectorOf(value: JsonValue | undefined, isBase64Asked: boolean): Vector | undefined {
  if (typeof value === 'string') return isBase64Asked ? vectorFromBase64(value) : undefined
  if (!Array.isArray(value) || value.length === 0) return undefined
  const numbers = value as readonly JsonValue[]
  return numbers.every((one) => typeof one === 'number') ? numbers : undefined
}

function usageOf(body: JsonObject, target: Target): Usage {
  const usage = usageOfChat(body, target.provider.quirks) ?? unknownUsage
  const total = asCount(asObject(body['usage'])?.['total_tokens'])
  return { ...usage, inputTokens: usage.inputTokens ?? total, outputTokens: 0 }
}
