/** Cohere's embeddings: `POST /embed` below the provider's base address (Cohere API v2 reference, "Embed"). */
import type { NativeRequest, Part } from '#core/domain/chat.ts'
import type { EmbedErrand, EmbedPurpose, ErrandInput } from '#core/domain/errand.ts'
import { asArray } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import type { Target } from '#core/domain/target.ts'
import type { HttpCall } from '#services/llm-adapters/adapter.ts'
import { explainCohere } from '#services/llm-adapters/cohere/explain.ts'
import { readEmbeddings } from '#services/llm-adapters/cohere/read-embeddings.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { mediaTypeOf, writeDataUrl } from '#services/llm-adapters/wire/data-url.ts'
import {
  batchesOf,
  droppedOf,
  paramOf,
  refusedInput,
  refuseDimensions,
  refuseTitle,
  refuseOwnWish,
  unsupported,
} from '#services/llm-adapters/wire/embed-wishes.ts'

export const cohereEmbeddings: ErrandAdapter<'embed'> = {
  encode(errand, target) {
    refuseDimensions(errand, target)
    const { native } = errand
    return native?.dialect === 'cohere-chat' ? nativeCalls(native, target) : translatedCalls(errand, target)
  },
  decode: readEmbeddings,
  explain: explainCohere,
}

/** Texts, images or inputs that one call may hold. */
const inputsMax = 96

const inputMembers = ['texts', 'images', 'inputs'] as const

function nativeCalls(native: NativeRequest, target: Target): readonly HttpCall[] {
  const { body } = native
  const model = body['model'] === target.model ? undefined : target.model
  const long = inputMembers.find((name) => asArray(body[name]).length > inputsMax)
  if (long === undefined) return [callOf(spliceMembers(native, { model }), [])]
  return batchesOf(asArray(body[long]), inputsMax).map((batch) =>
    callOf(JSON.stringify({ ...body, model: target.model, [long]: batch }), []),
  )
}

function translatedCalls(errand: EmbedErrand, target: Target): readonly HttpCall[] {
  refuseTitle(errand, target)
  refuseOwnWish(errand, target)
  const rest: JsonObject = {
    model: target.model,
    input_type: inputType(errand, target),
    embedding_types: ['float'],
    // Where nobody asked for a cut, an input that is too long is an error, as it is elsewhere.
    truncate: (errand.truncate ?? 'none').toUpperCase(),
    ...(errand.dimensions === undefined || target.card.embedding?.dimensions === errand.dimensions
      ? {}
      : { output_dimension: errand.dimensions }),
  }
  const dropped = droppedOf(errand, errand.endUser === undefined ? undefined : 'user')
  const isText = errand.inputs.every(({ kind }) => kind === 'text')
  const items = errand.inputs.map((input, position) => itemOf(input, position, { errand, target, isText }))
  return batchesOf(items, inputsMax).map((batch) =>
    callOf(JSON.stringify({ ...rest, [isText ? 'texts' : 'inputs']: batch }), dropped),
  )
}

/** Cohere must be told a purpose; what is stored to be searched later is the usual one. */
function inputType(errand: EmbedErrand, target: Target): string {
  const { purpose = 'search_document' } = errand
  const known = inputTypes[purpose]
  if (known !== undefined) return known
  const param = paramOf('purpose', errand)
  throw unsupported(target, {
    param,
    detail: `${target.provider.title} has no vectors for the purpose that ${param} names.`,
    mend: 'Choose search, classification or clustering, or a model of Google.',
  })
}

const inputTypes: Readonly<Record<EmbedPurpose, string | undefined>> = {
  search_query: 'search_query',
  search_document: 'search_document',
  classification: 'classification',
  clustering: 'clustering',
  image: 'image',
  // Each is a question put to documents.
  question_answering: 'search_query',
  fact_verification: 'search_query',
  code_query: 'search_query',
  similarity: undefined,
}

interface ItemPlace {
  readonly errand: EmbedErrand
  readonly target: Target
  readonly isText: boolean
}

function itemOf(input: ErrandInput, position: number, place: ItemPlace): string | JsonObject {
  if (input.kind === 'tokens') throw refusedInput(input, position, place)
  if (input.kind === 'text') {
    return place.isText ? input.text : { content: [{ type: 'text', text: input.text }] }
  }
  return { content: input.parts.map((part) => contentOf(part) ?? refuse(input, position, place)) }
}

function contentOf(part: Part): JsonObject | undefined {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (part.type !== 'image' || part.source.kind !== 'inline') return undefined
  return { type: 'image_url', image_url: { url: writeDataUrl(mediaTypeOf(part), part.source.base64) } }
}

function refuse(input: ErrandInput, position: number, place: ItemPlace): never {
  throw refusedInput(input, position, place)
}

function callOf(body: string, dropped: readonly string[]): HttpCall {
  return {
    path: '/embed',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body,
    isStreamed: false,
    dropped,
  }
}
