/** A Problem in one line of text, as most clients of the imitated APIs show nothing else, and the facts beside it. */
import type { JsonValue } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'

/** What happened, how to mend it, and the names that were perhaps meant. */
export function sentenceWithAdvice(problem: Problem): string {
  const sentence = problem.code === 'internal_error' ? problem.kind.sentence : problem.message
  const nearest = problem.details.nearest
  const hint = nearest && nearest.length > 0 ? ` Nearest: ${nearest.join(', ')}.` : ''
  return `${sentence} ${problem.mend}${hint}`
}

const tooManyRequests = 429
const paymentRequired = 402

/** Whose limit or budget refuses, what it stands at and when there is room again, as a member for the error of any API. */
export function factsOfLimit({ status, details }: Problem): {
  readonly facts?: Readonly<Record<string, JsonValue>>
} {
  const isOfLimit = status === paymentRequired || status === tooManyRequests
  return isOfLimit && details.facts !== undefined ? { facts: details.facts } : {}
}
