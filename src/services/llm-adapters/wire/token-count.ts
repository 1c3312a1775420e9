/** Counting the tokens of a question: what of it counts, and the estimate where a target counts for nobody. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { CountAnswer } from '#core/domain/errand.ts'
import { estimateCount } from '#core/domain/estimate.ts'
import { asCount, asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { noUsage } from '#core/domain/usage.ts'
import type { CallTerms, HttpCall } from '#services/llm-adapters/adapter.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { malformed } from '#services/llm-adapters/wire/json-reply.ts'

/** For targets without an interface for counting: asks nobody. */
export const estimatedCount: ErrandAdapter<'count-tokens'> = {
  encode: () => [],
  decode: (_replies, { question }) => ({
    inputTokens: estimateCount(question),
    isEstimated: true,
    usage: noUsage,
  }),
  explain: () => new Problem('internal_error', { detail: 'nobody was asked to count' }),
}

/** The part of a question that is read, without what only decides how it is answered. */
export function countedPart(question: ChatQuestion): ChatQuestion {
  const { messages, tools, toolChoice, responseFormat, reasoning } = question
  return {
    messages,
    tools,
    toolChoice,
    responseFormat,
    reasoning,
    isStreamed: false,
    ...(question.native ? { native: question.native } : {}),
  }
}

/** Terms that leave room for the thinking that a question asks for: counting writes nothing. */
export const countTerms = ({ card }: Target, { requestId }: CallTerms): CallTerms => ({
  maxOutputTokens: card.maxOutputTokens,
  requestId,
})

/** These members alone of the body that would ask the question. */
export function membersOf(call: HttpCall, names: readonly string[]): JsonObject {
  const body = asObject(parseJson(typeof call.body === 'string' ? call.body : '')) ?? {}
  return Object.fromEntries(names.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])))
}

/** Throws `provider_malformed` when the value is no count. */
export function countAnswer(value: JsonValue | undefined, target: Target): CountAnswer {
  const inputTokens = asCount(value)
  if (inputTokens === null) throw malformed('a count that is no number of tokens', target)
  return { inputTokens, isEstimated: false, usage: noUsage }
}
