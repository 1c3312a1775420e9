/** Errors in the shape of the Cohere API: a message, and the id of the request. */
import type { Problem } from '#core/domain/problem.ts'
import { sentenceWithAdvice } from '#http/problem-sentence.ts'
import type { ProblemAnswer } from '#http/problem-reply.ts'

/** Source: Cohere API reference, "Errors". `code` is ours: Cohere's clients keep members that they do not know. */
export function cohereProblem(problem: Problem, requestId: string): ProblemAnswer {
  return {
    status: problem.status,
    body: { id: requestId, message: sentenceWithAdvice(problem), code: problem.code },
  }
}
