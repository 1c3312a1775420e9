/** Errors in the shape of the Anthropic API, whose clients choose their error class by status and read `error.type`. */
import type { Problem, ProblemCode } from '#core/domain/problem.ts'
import { sentenceWithAdvice } from '#http/problem-sentence.ts'
import type { ProblemAnswer } from '#http/problem-reply.ts'

/** Where Anthropic has a status of its own. Source: Anthropic API reference, "Errors". */
const statuses: Partial<Record<ProblemCode, number>> = {
  overloaded: 529,
  provider_overloaded: 529,
}

const typesByStatus: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

export function anthropicProblem(problem: Problem, requestId: string): ProblemAnswer {
  const status = statuses[problem.code] ?? problem.status
  return {
    status,
    headers: { 'request-id': requestId },
    body: {
      type: 'error',
      error: {
        type: typesByStatus[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error'),
        message: sentenceWithAdvice(problem),
        details: {
          error_code: problem.code,
          ...(problem.details.param ? { param: problem.details.param } : {}),
        },
      },
      request_id: requestId,
    },
  }
}
