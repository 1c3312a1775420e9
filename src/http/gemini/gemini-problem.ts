/** Errors in the shape of the Gemini API: google.rpc.Status in an `error` member. */
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Problem, ProblemCode } from '#core/domain/problem.ts'
import { factsOfLimit, sentenceWithAdvice } from '#http/problem-sentence.ts'
import type { ProblemAnswer } from '#http/problem-reply.ts'

/** Source: google.rpc.Code, "HTTP mapping". */
const wordsByStatus: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  // Not in the mapping: what is exhausted is money, and trying again with the same budget is in vain.
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/**
 * Statuses that the Gemini API does not send, as those that it does. A spent budget keeps its own: after 429, which
 * says the same there, clients would ask again.
 */
const statuses: Readonly<Record<number, number>> = { 408: 400, 413: 400, 415: 400, 502: 500 }

interface GeminiWord {
  readonly status?: number
  readonly word?: string
  readonly reason?: string
  /** Advice in the words of this API. */
  readonly mend?: string
}

/**
 * Where the API itself says it otherwise than by the status: a bad key is an invalid argument, told from others by
 * its reason; no key at all is a caller without permission.
 */
const wordsByCode: Partial<Record<ProblemCode, GeminiWord>> = {
  missing_key: {
    status: 403,
    reason: 'API_KEY_MISSING',
    mend: 'Send `x-goog-api-key: <key>`, or `?key=<key>`.',
  },
  invalid_key: { status: 400, reason: 'API_KEY_INVALID' },
  revoked_key: { status: 400, reason: 'API_KEY_INVALID' },
  expired_key: { status: 400, reason: 'API_KEY_INVALID' },
  already_exists: { word: 'ALREADY_EXISTS' },
  request_timeout: { word: 'DEADLINE_EXCEEDED' },
  stream_cut: { status: 503 },
  provider_unreachable: { status: 503 },
}

export function geminiProblem(problem: Problem): ProblemAnswer {
  const known = wordsByCode[problem.code]
  const status = known?.status ?? statuses[problem.status] ?? problem.status
  const word = known?.word ?? wordsByStatus[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT')
  return {
    status,
    body: {
      error: {
        code: status,
        message: known?.mend === undefined ? sentenceWithAdvice(problem) : `${problem.message} ${known.mend}`,
        status: word,
        details: detailsOf(problem, known?.reason ?? problem.code.toUpperCase()),
      },
    },
  }
}

/**
 * Source: google.rpc error details: ErrorInfo, BadRequest, RetryInfo. Values of `metadata` are texts. The request's id is
 * in its header alone: LiteLLM looks for `403` anywhere in a body, and takes the digits of an id for a status.
 */
function detailsOf(problem: Problem, reason: string): readonly JsonObject[] {
  const { param, retryAfterMs, provider } = problem.details
  const type = (name: string) => ({ '@type': `type.googleapis.com/google.rpc.${name}` })
  const waits = retryAfterMs !== undefined && problem.kind.isRetryable
  const metadata = {
    code: problem.code,
    ...(param === undefined ? {} : { param }),
    ...(provider === undefined ? {} : { provider }),
    ...asTexts(factsOfLimit(problem).facts),
  }
  const isOfRequest = problem.kind.fault === 'caller' && param !== undefined
  const violation = { field: param ?? '', description: problem.message }
  return [
    { ...type('ErrorInfo'), reason, domain: 'signalbox', metadata },
    ...(isOfRequest ? [{ ...type('BadRequest'), fieldViolations: [violation] }] : []),
    ...(waits ? [{ ...type('RetryInfo'), retryDelay: secondsText(retryAfterMs) }] : []),
  ]
}

/** Source: Protocol Buffers, "ProtoJSON Format", `Duration`. */
const secondsText = (durationMs: number) => `${Math.max(0, Math.ceil(durationMs)) / 1_000}s`

const asTexts = (facts: Readonly<Record<string, JsonValue>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(facts)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
