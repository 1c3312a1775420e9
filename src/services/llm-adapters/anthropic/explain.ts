/** What Anthropic's errors mean, with a status or inside a stream (Claude API reference, "Errors"). */
import { asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { WholeReply } from '#services/llm-adapters/adapter.ts'
import { errorText } from '#services/llm-adapters/wire/error-text.ts'
import { upstreamProblem } from '#services/llm-adapters/wire/upstream-problem.ts'

type ReplyHead = Pick<WholeReply, 'status' | 'headers'>

/** The Problem of a reply with an error status, whatever its body. Never throws. */
export function explainAnthropic(reply: WholeReply, target: Target): Problem {
  const text = errorText(reply.body)
  const body = asObject(parseJson(text)) ?? { error: { message: text } }
  return errorProblem(body, reply, target.provider.name)
}

/** `body` is `{type: "error", error: {type, message, details}}`; `head` is undefined inside a stream. */
export function errorProblem(body: JsonObject, head: ReplyHead | undefined, provider: string): Problem {
  const error = asObject(body['error']) ?? {}
  const type = asString(error['type'])
  const precise = asString(asObject(error['details'])?.['error_code'])
  const message = asString(error['message']) ?? asString(body['message']) ?? asString(body['error']) ?? ''
  const isOutOfMoney =
    precise === undefined
      ? type === 'rate_limit_error' && isSpendLimit(message, head)
      : precise.includes('spend_limit') || precise.includes('billing')
  const codes = [precise, isOutOfMoney ? 'billing_error' : undefined, type]
  return upstreamProblem({
    provider,
    status: head?.status,
    codes: codes.filter((code) => code !== undefined),
    message,
    headers: head?.headers ?? {},
    body,
  })
}

/**
 * A spend limit answers 429 like a rate limit, but names no time after which it would end. The wording then decides:
 * a limit by the minute passes by itself, whoever lost the header on the way.
 */
function isSpendLimit(message: string, head: ReplyHead | undefined): boolean {
  if (head?.status !== 429 || head.headers['retry-after'] !== undefined) return false
  if (head.headers['x-should-retry'] === 'true') return false
  return !/rate limit|per minute|concurrent|too many requests/i.test(message.slice(0, 2_000))
}
