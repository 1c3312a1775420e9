/** What Cohere's errors mean, with a status or at the end of a stream (Cohere API reference, "Errors"). */
import { asObject, asString, parseJson } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { WholeReply } from '#services/llm-adapters/adapter.ts'
import { errorText } from '#services/llm-adapters/wire/error-text.ts'
import { upstreamProblem } from '#services/llm-adapters/wire/upstream-problem.ts'

/** The body is `{id, message, error_type?}`; the status says the kind. Never throws. */
export function explainCohere(reply: WholeReply, target: Target): Problem {
  const text = errorText(reply.body)
  const body = asObject(parseJson(text))
  const message = asString(body?.['message']) ?? asString(body?.['error']) ?? text
  const codes = [isMonthlyLimit(reply.status, message) ? 'insufficient_quota' : undefined]
  return upstreamProblem({
    provider: target.provider.name,
    status: reply.status,
    codes: [...codes, asString(body?.['error_type'])].filter((code) => code !== undefined),
    message,
    headers: reply.headers,
    body,
  })
}

/** A trial key's monthly allowance answers 429 too, and does not come back by waiting. */
function isMonthlyLimit(status: number, message: string): boolean {
  return status === 429 && /month/i.test(message.slice(0, 2_000))
}

/** A reply with a success status that ended as `ERROR` or `TIMEOUT`. */
export function failureProblem(
  reason: string | null,
  message: string | undefined,
  provider: string,
): Problem {
  return upstreamProblem({
    provider,
    status: undefined,
    codes: reason === null ? [] : [reason],
    message: message ?? '',
    headers: {},
  })
}
