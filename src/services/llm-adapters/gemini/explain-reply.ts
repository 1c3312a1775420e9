/** What Gemini's refusals mean. */
import { asArray, asNumber, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { WholeReply } from '#services/llm-adapters/adapter.ts'
import { errorText } from '#services/llm-adapters/wire/error-text.ts'
import { upstreamProblem } from '#services/llm-adapters/wire/upstream-problem.ts'

/** Gemini begins every 429 with this, also one that ends within the minute. */
const quotaPreamble = /^You exceeded your current quota, please check your plan and billing details\.\s*/

/** Source: Google Cloud API design guide, "Errors" (`google.rpc.Status` with `ErrorInfo`, `RetryInfo`, `QuotaFailure`). */
export function explainReply(reply: WholeReply, target: Target): Problem {
  const text = errorText(reply.body)
  return explainError(parseJson(text) ?? text, reply, target)
}

/** The same for an error that stood in an answer or a stream: `body` holds a member `error`, perhaps inside an array. */
export function explainError(
  body: JsonValue,
  { status, headers }: Pick<WholeReply, 'status' | 'headers'>,
  target: Target,
): Problem {
  const error = errorIn(body)
  const details = asArray(error?.['details'])
    .map(asObject)
    .filter((detail) => detail !== undefined)
  const message = asString(error?.['message']) ?? (typeof body === 'string' ? body : '')
  const shown = message.replace(quotaPreamble, '')
  return upstreamProblem({
    provider: target.provider.name,
    status: status >= 400 ? status : (asNumber(error?.['code']) ?? undefined),
    codes: codesOf(error, details, message),
    message: shown === '' ? message : shown,
    headers,
    body,
  })
}

function errorIn(body: JsonValue): JsonObject | undefined {
  const envelope = asObject(body) ?? asObject(asArray(body)[0])
  return asObject(envelope?.['error'])
}

/** The precise reason first, then the quota that is used up, then the general status. */
function codesOf(
  error: JsonObject | undefined,
  details: readonly JsonObject[],
  message: string,
): readonly string[] {
  const codes: string[] = []
  for (const detail of details) {
    const reason = asString(detail['reason'])
    if (reason !== undefined) codes.push(reason)
    for (const violation of asArray(detail['violations'])) {
      const quota = asString(asObject(violation)?.['quotaId'])
      // A day's quota does not come back while anybody waits.
      if (quota?.includes('PerDay')) codes.push(quota, 'insufficient_quota')
    }
  }
  const status = asString(error?.['status'])
  if (status !== undefined) codes.push(status)
  // The account, not the request, is in the wrong country.
  if (status === 'FAILED_PRECONDITION' && message.includes('location is not supported'))
    codes.push('unauthorized')
  return codes
}
