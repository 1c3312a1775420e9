/** Errors in the shape of the OpenAI API, whose clients choose their error class by status and read `code`. */
import type { JsonObject } from '#core/domain/json.ts'
import type { Problem, ProblemCode } from '#core/domain/problem.ts'
import { factsOfLimit, sentenceWithAdvice } from '#http/problem-sentence.ts'

interface OpenaiWord {
  readonly type?: string
  readonly code?: string
}

/**
 * Where OpenAI has a word of its own; every other code keeps the catalogue's. Source: OpenAI API error codes guide.
 * A spent budget has OpenAI's word and not its status, 429, which its clients would ask again after.
 */
const openaiWords: Partial<Record<ProblemCode, OpenaiWord>> = {
  missing_key: { code: 'invalid_api_key' },
  invalid_key: { code: 'invalid_api_key' },
  revoked_key: { code: 'invalid_api_key' },
  expired_key: { code: 'invalid_api_key' },
  rate_limited: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  too_many_concurrent: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  provider_rate_limited: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  budget_exceeded: { type: 'insufficient_quota', code: 'insufficient_quota' },
  content_filtered: { code: 'content_filter' },
}

/**
 * The message carries the advice too: most OpenAI clients show nothing else. `facts` is ours; OpenAI's clients hand the
 * whole error on.
 */
export function openaiProblem(problem: Problem): { readonly status: number; readonly body: JsonObject } {
  const word = openaiWords[problem.code]
  const { status } = problem
  return {
    status,
    body: {
      error: {
        message: sentenceWithAdvice(problem),
        type: word?.type ?? typeOf(status),
        param: problem.details.param ?? null,
        code: word?.code ?? problem.code,
        ...factsOfLimit(problem),
      },
    },
  }
}

function typeOf(status: number): string {
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
