/** A Problem in one line of text: most clients of the imitated APIs show nothing else. */
import type { Problem } from '#core/domain/problem.ts'

/** What happened, how to mend it, and the names that were perhaps meant. */
export function sentenceWithAdvice(problem: Problem): string {
  const sentence = problem.code === 'internal_error' ? problem.kind.sentence : problem.message
  const nearest = problem.details.nearest
  const hint = nearest && nearest.length > 0 ? ` Nearest: ${nearest.join(', ')}.` : ''
  return `${sentence} ${problem.mend}${hint}`
}
