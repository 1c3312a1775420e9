/** POST /v1/responses: the OpenAI Responses API, read into a question and written back. */
import { hash } from 'node:crypto'
import type { ChatQuestion, NativeRequest } from '#core/domain/chat.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ReadSurface } from '#http/inference.ts'
import { jsonBodyLimits, scanJson } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'
import { isForeignReasoning } from '#http/openai/responses/carried-reasoning.ts'
import { echoOf, writeResponse } from '#http/openai/responses/response-object.ts'
import { readResponseQuestion } from '#http/openai/responses/response-question.ts'
import { responseRequest } from '#http/openai/responses/response-request-schema.ts'
import type { ResponseRequest } from '#http/openai/responses/response-request-schema.ts'
import { createResponseForm } from '#http/openai/responses/response-stream.ts'
import { refuseStored } from '#http/openai/responses/unstored.ts'
import { parseWith } from '#http/schema-problem.ts'
import { readWishes } from '#http/wishes.ts'

export const readResponses: ReadSurface = (body, { headers, requestId, nowMs }) => {
  if (body.value['input'] === undefined)
    throw new Problem('missing_field', { param: 'input', detail: 'input is required.' })
  const request = parseWith(responseRequest, body.value)
  const question = readNativeQuestion(request, body)
  const wishes = readWishes(headers)
  // A caller may use one request id for several requests; ids of items may not come twice in a conversation.
  const stem = hash('sha256', `${requestId}/${nowMs}`, 'hex').slice(0, 40)
  let echo: string | undefined
  const head = {
    id: `resp_${stem}`,
    stem,
    createdAtS: Math.floor(nowMs / 1_000),
    awaitsLogprobs: question.logprobs !== undefined,
    get echo() {
      return (echo ??= echoOf(request))
    },
  }
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

/** The request as a question that also goes on as it came. Throws as `refuseStored` and `readResponseQuestion` do. */
export function readNativeQuestion(request: ResponseRequest, body: JsonBody): ChatQuestion {
  refuseStored(request)
  const question = readResponseQuestion(request)
  question.native = nativeOf(body)
  return question
}

/** The request's own bytes, without the tokens of other providers, which OpenAI would refuse. */
function nativeOf({ value, text, members }: JsonBody): NativeRequest {
  const native: NativeRequest = { dialect: 'openai-responses', body: value, text, members }
  const input = asArray(value['input'])
  const own = input.filter((item) => !isForeignReasoning(asObject(item)?.['encrypted_content']))
  if (own.length === input.length) return native
  const spliced = spliceMembers(native, { input: own })
  const { members: places } = scanJson(spliced, jsonBodyLimits)
  return { ...native, body: { ...value, input: own }, text: spliced, members: places }
}
