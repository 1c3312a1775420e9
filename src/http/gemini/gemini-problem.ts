/** Errors in the shape of the Gemini API: google.rpc.Status in an `error` member. */
import type { JsonObject } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import { sentenceWithAdvice } from '#http/problem-sentence.ts'
import type { ProblemAnswer } from '#http/problem-reply.ts'

/** Source: google.rpc.Code, "HTTP mapping". */
const wordsByStatus: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** Statuses that the Gemini API does not send, as those that it does. */
const statuses: Readonly<Record<number, number>> = { 402: 429, 408: 400, 413: 400, 415: 400, 502: 500 }

export function geminiProblem(problem: Problem, requestId: string): ProblemAnswer {
  const status = statuses[problem.status] ?? problem.status
  return {
    status,
    body: {
      error: {
        code: status,
        message: sentenceWithAdvice(problem),
        status: wordsByStatus[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT'),
        details: detailsOf(problem, requestId),
      },
    },
  }
}

/** Source: google.rpc error details: ErrorInfo, RetryInfo, RequestInfo. */
function detailsOf(problem: Problem, requestId: string): readonly JsonObject[] {
  const { param, retryAfterMs } = problem.details
  const reason = problem.code.toUpperCase()
  const type = (name: string) => ({ '@type': `type.googleapis.com/google.rpc.${name}` })
  const waits = retryAfterMs !== undefined && problem.kind.isRetryable
  return [
    { ...type('ErrorInfo'), reason, domain: 'signalbox', ...(param ? { metadata: { param } } : {}) },
    { ...type('RequestInfo'), requestId },
    ...(waits ? [{ ...type('RetryInfo'), retryDelay: `${Math.max(0, retryAfterMs) / 1_000}s` }] : []),
  ]
}
