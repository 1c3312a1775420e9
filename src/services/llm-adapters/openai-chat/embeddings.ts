/** Embeddings of OpenAI and the many servers that copy it: `POST /embeddings` below the provider's base address. */
import type { NativeRequest } from '#core/domain/chat.ts'
import type { EmbedErrand, ErrandInput } from '#core/domain/errand.ts'
import { asArray, asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import type { Target } from '#core/domain/target.ts'
import type { CallTerms, HttpCall } from '#services/llm-adapters/adapter.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { endpointPath } from '#services/llm-adapters/openai-chat/endpoint-path.ts'
import { explainOpenAi } from '#services/llm-adapters/openai-chat/explain.ts'
import { readEmbeddings } from '#services/llm-adapters/openai-chat/read-embeddings.ts'
import {
  batchesOf,
  droppedOf,
  paramOf,
  refusedInput,
  refuseDimensions,
  refuseOwnWish,
  refuseQuantised,
  refuseTitle,
} from '#services/llm-adapters/wire/embed-wishes.ts'

/** Source: OpenAI API reference, "Create embeddings". */
export const openAiEmbeddings: ErrandAdapter<'embed'> = {
  encode(errand, target, terms) {
    refuseDimensions(errand, target)
    const { native } = errand
    if (native?.dialect === 'openai-chat' && !target.provider.isSimulated) {
      return nativeCalls(errand, native, target, terms)
    }
    return translatedCalls(errand, target, terms)
  },
  decode: readEmbeddings,
  explain: explainOpenAi,
}

/** Inputs that one call may hold. */
const inputsMax = 2_048
/** A reply is read whole, so it must stay well below what is read of one at most. */
const replyBytesMax = 48_000_000
/** A number between -1 and 1 as text, with its comma. */
const bytesPerNumber = 14

/** Vectors as numbers are long: those of many inputs come in several replies. Base64 is short enough for all. */
function inputsPerCall(errand: EmbedErrand, { card }: Target): number {
  const dimensions = errand.dimensions ?? card.embedding?.dimensions
  if (dimensions === undefined || errand.forms.includes('base64')) return inputsMax
  return Math.max(1, Math.min(inputsMax, Math.floor(replyBytesMax / (dimensions * bytesPerNumber))))
}

/** Who only plays a model does not know how long its vectors are. */
const dimensionsFor = ({ dimensions }: EmbedErrand, { card, provider }: Target) =>
  dimensions ?? (provider.isSimulated ? card.embedding?.dimensions : undefined)

function translatedCalls(errand: EmbedErrand, target: Target, terms: CallTerms): readonly HttpCall[] {
  refuseQuantised(errand, target)
  refuseTitle(errand, target)
  refuseOwnWish(errand, target)
  // Such models know no purposes: their vectors are the same for each. What is too long is refused, never cut.
  const dropped = droppedOf(
    errand,
    errand.purpose && paramOf('purpose', errand),
    // A cut that is only the usual one of the caller's API was not asked for.
    isStated(errand.native?.body['truncate']) ? 'truncate' : undefined,
  )
  const dimensions = dimensionsFor(errand, target)
  const inputs = errand.inputs.map((input, position) => wireInput(input, position, errand, target))
  const size = inputsPerCall({ ...errand, forms: ['float'] }, target)
  return batchesOf(inputs, size).map((batch) => {
    const body: JsonObject = {
      model: target.model,
      input: batch,
      // Left out, some cousins answer in a form of their own.
      encoding_format: 'float',
      ...(dimensions === undefined ? {} : { [dimensionsWord(target)]: dimensions }),
      ...(errand.endUser === undefined || target.provider.quirks.has('no_end_user')
        ? {}
        : { user: errand.endUser }),
    }
    return callOf(JSON.stringify(body), target, terms, dropped)
  })
}

const isStated = (value: JsonValue | undefined) => value !== undefined && value !== null

function wireInput(input: ErrandInput, position: number, errand: EmbedErrand, target: Target): JsonValue {
  if (input.kind === 'text') return input.text
  if (input.kind === 'tokens') return input.tokens
  throw refusedInput(input, position, { errand, target })
}

const dimensionsWord = ({ provider }: Target) =>
  provider.quirks.has('output_dimension_word') ? 'output_dimension' : 'dimensions'

function nativeCalls(
  errand: EmbedErrand,
  native: NativeRequest,
  target: Target,
  terms: CallTerms,
): readonly HttpCall[] {
  const whole = nativeCall(native, target, terms)
  const size = inputsPerCall(errand, target)
  if (errand.inputs.length <= size) return [whole]
  const body = asObject(parseJson(whole.body))
  return batchesOf(asArray(body?.['input']), size).map((input) => ({
    ...whole,
    body: JSON.stringify({ ...body, input }),
  }))
}

/** The caller's own text with the model changed, and what a cousin calls otherwise or does not take. */
function nativeCall(
  native: NativeRequest,
  target: Target,
  terms: CallTerms,
): HttpCall & { readonly body: string } {
  const { body } = native
  const { quirks } = target.provider
  const model = body['model'] === target.model ? undefined : target.model
  const isRenamed = body['dimensions'] !== undefined && dimensionsWord(target) !== 'dimensions'
  const isUserRefused = body['user'] !== undefined && quirks.has('no_end_user')
  if (!isRenamed && !isUserRefused) return callOf(spliceMembers(native, { model }), target, terms, [])
  // A member cannot be cut out of the text safely, so this rare body is written anew.
  const { dimensions, user, ...rest } = body
  const written: JsonObject = {
    ...rest,
    model: target.model,
    ...(dimensions === undefined ? {} : { [dimensionsWord(target)]: dimensions }),
    ...(user === undefined || isUserRefused ? {} : { user }),
  }
  return callOf(JSON.stringify(written), target, terms, isUserRefused ? ['user'] : [])
}

function callOf(
  body: string,
  target: Target,
  terms: CallTerms,
  dropped: readonly string[],
): HttpCall & { readonly body: string } {
  return {
    path: endpointPath(target, '/embeddings'),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-client-request-id': terms.requestId,
    },
    body,
    isStreamed: false,
    dropped,
  }
}
