/** Gemini's embeddings: `models.embedContent` and `models.batchEmbedContents`. */
import type { NativeRequest } from '#core/domain/chat.ts'
import type { EmbedErrand, EmbedPurpose, ErrandInput } from '#core/domain/errand.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import type { Target } from '#core/domain/target.ts'
import type { HttpCall } from '#services/llm-adapters/adapter.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { encodePart } from '#services/llm-adapters/gemini/encode-part.ts'
import { explainReply } from '#services/llm-adapters/gemini/explain-reply.ts'
import { methodPath, resourceName } from '#services/llm-adapters/gemini/method-path.ts'
import { readEmbeddings } from '#services/llm-adapters/gemini/read-embeddings.ts'
import {
  batchesOf,
  droppedOf,
  paramOf,
  refusedInput,
  refuseDimensions,
  refuseOwnWish,
  refuseQuantised,
  unsupported,
} from '#services/llm-adapters/wire/embed-wishes.ts'

/** Source: Gemini API reference, "Embeddings". */
export const geminiEmbeddings: ErrandAdapter<'embed'> = {
  encode(errand, target) {
    refuseDimensions(errand, target)
    const { native } = errand
    return native?.dialect === 'gemini-generate'
      ? nativeCalls(native, target)
      : translatedCalls(errand, target)
  },
  decode: readEmbeddings,
  explain: explainReply,
}

/** Requests that one batch may hold. */
const requestsMax = 100

function translatedCalls(errand: EmbedErrand, target: Target): readonly HttpCall[] {
  refuseOwnWish(errand, target)
  refuseQuantised(errand, target)
  refuseCut(errand, target)
  const taskType = errand.purpose && taskTypes[errand.purpose]
  const rest: JsonObject = {
    ...(taskType === undefined ? {} : { taskType }),
    ...(errand.title === undefined ? {} : { title: errand.title }),
    ...(errand.dimensions === undefined ? {} : { outputDimensionality: errand.dimensions }),
  }
  const dropped = droppedOf(errand, errand.endUser === undefined ? undefined : 'user')
  const requests = errand.inputs.map((input, position) => ({
    model: resourceName(target.model),
    content: { parts: partsOf(input, position, errand, target) },
    ...rest,
  }))
  return batchCalls(requests, {}, target).map((call) => ({ ...call, dropped }))
}

const taskTypes: Readonly<Record<EmbedPurpose, string | undefined>> = {
  search_query: 'RETRIEVAL_QUERY',
  search_document: 'RETRIEVAL_DOCUMENT',
  similarity: 'SEMANTIC_SIMILARITY',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
  question_answering: 'QUESTION_ANSWERING',
  fact_verification: 'FACT_VERIFICATION',
  code_query: 'CODE_RETRIEVAL_QUERY',
  // Says what the input is, not what it is for, and the input shows that.
  image: undefined,
}

/** What is too long is cut at its end, and nothing else can be asked for. */
function refuseCut({ truncate }: EmbedErrand, target: Target): void {
  if (truncate === undefined || truncate === 'end') return
  throw unsupported(target, {
    param: 'truncate',
    detail: `${target.provider.title} cuts inputs that are too long at their end; it cannot be told otherwise.`,
    mend: 'Leave truncate out, or send END.',
  })
}

function partsOf(
  input: ErrandInput,
  position: number,
  errand: EmbedErrand,
  target: Target,
): readonly JsonObject[] {
  if (input.kind === 'text') return [{ text: input.text }]
  if (input.kind === 'tokens') throw refusedInput(input, position, { errand, target })
  const path = `${paramOf('inputs', errand)}[${position}]`
  return input.parts.map((part) => encodePart(part, path)).filter((part) => part !== undefined)
}

/** The caller's own text with the model's name put right; a batch that is too long is sent in several. */
function nativeCalls(native: NativeRequest, target: Target): readonly HttpCall[] {
  const { body } = native
  const name = resourceName(target.model)
  if (body['requests'] === undefined) {
    const model = body['model'] === undefined || body['model'] === name ? undefined : name
    return [callOf(spliceMembers(native, { model }), target, 'embedContent')]
  }
  const requests = asArray(body['requests'])
  const isNamedRight = requests.every((request) => asObject(request)?.['model'] === name)
  if (isNamedRight && requests.length <= requestsMax)
    return [callOf(native.text, target, 'batchEmbedContents')]
  const renamed = requests.map((request) => ({ ...asObject(request), model: name }))
  return batchCalls(renamed, body, target)
}

function batchCalls(requests: readonly JsonObject[], rest: JsonObject, target: Target): readonly HttpCall[] {
  return batchesOf(requests, requestsMax).map((batch) =>
    callOf(JSON.stringify({ ...rest, requests: batch }), target, 'batchEmbedContents'),
  )
}

function callOf(body: string, target: Target, method: string): HttpCall {
  return {
    path: methodPath(target.model, method),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body,
    isStreamed: false,
    dropped: [],
  }
}
