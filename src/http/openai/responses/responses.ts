/** POST /v1/responses: the OpenAI Responses API, read into a question and written back. */
import { hash } from 'node:crypto'
import type { ChatQuestion, NativeRequest } from '#core/domain/chat.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import { Problem } from '#core/domain/problem.ts'
import type { SurfaceHead } from '#http/attendance.ts'
import type { ReadRequest } from '#http/inference.ts'
import { createMemberReader } from '#http/member-reader.ts'
import { jsonBodyLimits, scanJson } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'
import { isForeignReasoning } from '#http/openai/responses/carried-reasoning.ts'
import type { Resolution } from '#http/openai/responses/kept-conversation.ts'
import { echoOf, writeResponse } from '#http/openai/responses/response-object.ts'
import type { ResponseHead } from '#http/openai/responses/response-object.ts'
import { readResponseQuestion } from '#http/openai/responses/response-question.ts'
import { responseRequest } from '#http/openai/responses/response-request-schema.ts'
import type { ResponseRequest } from '#http/openai/responses/response-request-schema.ts'
import { createResponseForm } from '#http/openai/responses/response-stream.ts'
import { refuseStored } from '#http/openai/responses/unstored.ts'
import { readWishes } from '#http/wishes.ts'

/** `resolution`: of a request in which kept items were put in place. */
export function readResponses(body: JsonBody, place: SurfaceHead, resolution?: Resolution): ReadRequest {
  const request = requestOf(body)
  const question = readNativeQuestion(request, body, resolution)
  const wishes = readWishes(place.headers)
  const head = new EchoingHead(request, place, question.logprobs !== undefined)
  return {
    asked: {
      door: 'openai-responses',
      dialect: 'openai-responses',
      question,
      modelAsked: request.model ?? undefined,
      userId: request.user ?? request.safety_identifier ?? undefined,
      ...wishes,
    },
    writeWhole: (answer, receipt) => writeResponse(answer, receipt, head),
    openForm: () => createResponseForm(head),
  }
}

/** The request is repeated once, when it is first needed: bytes that pass untouched never need it. */
class EchoingHead implements ResponseHead {
  readonly id: string
  readonly stem: string
  readonly createdAtS: number
  readonly awaitsLogprobs: boolean
  readonly #request: ResponseRequest
  #echo: string | undefined

  constructor(request: ResponseRequest, place: SurfaceHead, awaitsLogprobs: boolean) {
    this.stem = stemOf(place)
    this.id = `resp_${this.stem}`
    this.createdAtS = Math.floor(place.nowMs / 1_000)
    this.awaitsLogprobs = awaitsLogprobs
    this.#request = request
  }

  get echo(): string {
    return (this.#echo ??= echoOf(this.#request))
  }
}

const readMembers = createMemberReader(responseRequest)

/** Throws as `parseWith` does. */
export function requestOf({ value }: JsonBody): ResponseRequest {
  if (value['input'] === undefined)
    throw new Problem('missing_field', { param: 'input', detail: 'input is required.' })
  return readMembers(value)
}

/** A caller may use one request id for several requests; ids of items may not come twice in a conversation. */
export const stemOf = ({ requestId, nowMs }: Pick<SurfaceHead, 'requestId' | 'nowMs'>): string =>
  hash('sha256', `${requestId}/${nowMs}`, 'hex').slice(0, 40)

/** The request as a question that also goes on as it came. Throws as `refuseStored` and `readResponseQuestion` do. */
export function readNativeQuestion(
  request: ResponseRequest,
  body: JsonBody,
  resolution?: Resolution,
): ChatQuestion {
  refuseStored(request)
  const question = readResponseQuestion(request, resolution?.inheritedItems)
  question.native = nativeOf(body, resolution !== undefined)
  return question
}

/**
 * The request's own bytes, without the tokens of other providers, which OpenAI would refuse. Of items that were kept
 * here, thinking without a token is left out too: OpenAI would look for its id, and has stored nothing.
 */
function nativeOf({ value, text, members }: JsonBody, isResolved: boolean): NativeRequest {
  const native: NativeRequest = { dialect: 'openai-responses', body: value, text, members }
  const input = asArray(value['input'])
  const own = input.filter((value) => {
    const item = asObject(value)
    const token = item?.['encrypted_content']
    if (isForeignReasoning(token)) return false
    return !isResolved || item?.['type'] !== 'reasoning' || typeof token === 'string'
  })
  if (own.length === input.length) return native
  const spliced = spliceMembers(native, { input: own })
  const { members: places } = scanJson(spliced, jsonBodyLimits)
  return { ...native, body: { ...value, input: own }, text: spliced, members: places }
}
