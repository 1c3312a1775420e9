/** Errors in the shape of the Cohere API, whose clients choose their error class by status and show the message. */
import type { Problem, ProblemCode } from '#core/domain/problem.ts'
import type { ProblemAnswer } from '#http/problem-reply.ts'
import { factsOfLimit, sentenceWithAdvice } from '#http/problem-sentence.ts'

/**
 * Where Cohere has a status of its own: 422 for what is well-formed and still cannot be done, 498 for content on its
 * deny list. Source: Cohere API v2 reference, Chat, "Errors"; the statuses known to its official clients.
 */
const statuses: Partial<Record<ProblemCode, number>> = {
  unsupported_feature: 422,
  no_capable_model: 422,
  unsupported_media_type: 422,
  content_filtered: 498,
}

/**
 * `id` names the request, as Cohere's does. `code`, `param` and `facts` are ours: Cohere's clients keep members that
 * they do not know.
 */
export function cohereProblem(problem: Problem, requestId: string): ProblemAnswer {
  const { param } = problem.details
  return {
    status: statuses[problem.code] ?? problem.status,
    body: {
      id: requestId,
      message: sentenceWithAdvice(problem),
      code: problem.code,
      ...(param === undefined ? {} : { param }),
      ...factsOfLimit(problem),
    },
  }
}
