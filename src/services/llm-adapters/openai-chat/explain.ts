/** What an error of a chat-completions server means, for OpenAI and every cousin seen so far. */
import { asArray, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { WholeReply } from '#services/llm-adapters/adapter.ts'
import { errorText } from '#services/llm-adapters/wire/error-text.ts'
import { upstreamProblem } from '#services/llm-adapters/wire/upstream-problem.ts'

/** The error in a reply with a refusing status. Never throws: a body that is no JSON is read as text. */
export function explainOpenAi(reply: WholeReply, target: Target): Problem {
  const text = errorText(reply.body)
  const body = parseJson(text)
  const error = errorIn(body)
  return upstreamProblem({
    provider: target.provider.name,
    status: reply.status,
    codes: error ? codesOf(error) : [],
    message: error ? messageOf(error) : plainText(text),
    headers: reply.headers,
    body,
    ...paramOf(error),
  })
}

/** The error inside a body or event with a success status. `value` is what stands there, in whatever form. */
export function explainOpenAiError(value: JsonValue | undefined, target: Target): Problem {
  const error = errorIn(value) ?? {}
  return upstreamProblem({
    provider: target.provider.name,
    status: statusOf(error),
    codes: codesOf(error),
    message: messageOf(error) || (typeof value === 'string' ? value : ''),
    headers: {},
    body: value,
    ...paramOf(error),
  })
}

/**
 * The object that holds the error: `{error: {...}}`, an array around it (Google's compatible endpoint), `{error:
 * "text"}` (xAI), or the body itself (Mistral, Azure gateways).
 */
function errorIn(body: JsonValue | undefined): JsonObject | undefined {
  const outer = asObject(Array.isArray(body) ? asArray(body)[0] : body)
  if (!outer) return undefined
  return asObject(outer['error']) ?? outer
}

/** Code, type and status in order of precision; numbers as text, since Azure writes `"401"` and OpenRouter 400. */
function codesOf(error: JsonObject): readonly string[] {
  const words = [asObject(error['innererror'])?.['code'], error['code'], error['type'], error['status']]
  return words.flatMap((word) =>
    typeof word === 'string' && word !== '' ? [word] : typeof word === 'number' ? [String(word)] : [],
  )
}

function messageOf(error: JsonObject): string {
  const upstream = asString(asObject(error['metadata'])?.['raw'])
  const message =
    asString(error['message']) ??
    asString(error['error']) ??
    asString(error['detail']) ??
    validationText(error['detail'])
  // OpenRouter keeps the words of the provider behind it in `metadata.raw`.
  return upstream && message ? `${message}: ${upstream}` : (message ?? upstream ?? '')
}

/** Servers built on FastAPI list what is wrong with each field. */
function validationText(detail: JsonValue | undefined): string | undefined {
  const faults = asArray(detail).map((fault) => {
    const place = asArray(asObject(fault)?.['loc'])
      .filter((step) => typeof step === 'string' || typeof step === 'number')
      .join('.')
    return `${place}: ${asString(asObject(fault)?.['msg']) ?? ''}`
  })
  return faults.length === 0 ? undefined : faults.join('; ')
}

/** A status that an error inside a stream names: Groq's `status_code`, OpenRouter's numeric `code`. */
function statusOf(error: JsonObject): number | undefined {
  for (const value of [error['status_code'], error['code']]) {
    const status = Number(value)
    if (Number.isInteger(status) && status >= 400 && status < 600) return status
  }
  return undefined
}

function paramOf(error: JsonObject | undefined): { readonly param?: string } {
  const param = asString(error?.['param'])
  return param ? { param } : {}
}

/** A page of HTML says little; its title says most of it. */
function plainText(text: string): string {
  if (!text.trimStart().startsWith('<')) return text
  const start = text.indexOf('<title>')
  const end = text.indexOf('</title>', start)
  return start === -1 || end === -1 ? '' : text.slice(start + '<title>'.length, end)
}
