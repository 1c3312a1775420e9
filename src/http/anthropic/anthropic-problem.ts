/** Errors in the shape of the Anthropic API, whose clients choose their error class by status and read `error.type`. */
import type { Problem, ProblemCode } from '#core/domain/problem.ts'
import { factsOfLimit, sentenceWithAdvice } from '#http/problem-sentence.ts'
import type { ProblemAnswer } from '#http/problem-reply.ts'

/** Where Anthropic has a status of its own. Source: Anthropic API reference, "Errors". */
const statuses: Partial<Record<ProblemCode, number>> = {
  overloaded: 529,
  draining: 529,
  provider_overloaded: 529,
  circuit_open: 529,
}

const internalStatus = 500
const timeoutStatus = 504

const typesByStatus: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** The code of the catalogue is the `error_code`, which the clients hand on as they get it. */
export function anthropicProblem(problem: Problem, requestId: string): ProblemAnswer {
  const status = statusOf(problem)
  return {
    status,
    headers: { 'request-id': requestId, ...limitHeaders(problem) },
    body: {
      type: 'error',
      error: {
        type: typesByStatus[status] ?? (status >= internalStatus ? 'api_error' : 'invalid_request_error'),
        message: sentenceWithAdvice(problem),
        details: {
          error_code: problem.code,
          ...(problem.details.param ? { param: problem.details.param } : {}),
          ...factsOfLimit(problem),
        },
      },
      request_id: requestId,
    },
  }
}

/** Anthropic has one status for failures of any kind on its side, and two for those that have a reason. */
function statusOf(problem: Problem): number {
  const own = statuses[problem.code]
  if (own !== undefined) return own
  const { status } = problem
  return status > internalStatus && status !== timeoutStatus ? internalStatus : status
}

function limitHeaders({ code, details }: Problem): Readonly<Record<string, string>> {
  const { measure, limit } = details.facts ?? {}
  if (code !== 'rate_limited' || typeof limit !== 'number') return {}
  if (measure !== 'requests' && measure !== 'tokens') return {}
  return {
    [`anthropic-ratelimit-${measure}-limit`]: String(limit),
    [`anthropic-ratelimit-${measure}-remaining`]: '0',
  }
}
