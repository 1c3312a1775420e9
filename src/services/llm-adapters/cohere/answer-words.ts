/** The small words of Cohere's replies in ours: finish reasons, usage, citations, log-probabilities, arguments. */
import type { Finish, FinishReason, Logprobs } from '#core/domain/answer.ts'
import type { Citation } from '#core/domain/chat.ts'
import { asArray, asCount, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
  ERROR: 'error',
  TIMEOUT: 'error',
  ERROR_TOXIC: 'content_filter',
  ERROR_LIMIT: 'error',
}

export function finishOf(value: JsonValue | undefined): Finish {
  const raw = asString(value) ?? null
  const unified = raw !== null && Object.hasOwn(reasons, raw) ? reasons[raw] : undefined
  return { unified: unified ?? 'other', raw }
}

/**
 * `tokens` is what the model read and wrote, with Cohere's own hidden prompt; `billed_units` is what is paid for.
 * Cached tokens are a subset and cost the same.
 */
export function usageOf(raw: JsonObject): Usage {
  const tokens = asObject(raw['tokens'])
  const units = asObject(raw['billed_units'])
  const billedInput = asCount(units?.['input_tokens'])
  const billedOutput = asCount(units?.['output_tokens'])
  const isBilledKnown = billedInput !== null && billedOutput !== null
  return {
    ...unknownUsage,
    inputTokens: asCount(tokens?.['input_tokens']) ?? billedInput,
    outputTokens: asCount(tokens?.['output_tokens']) ?? billedOutput,
    cachedInputTokens: asCount(raw['cached_tokens']),
    ...(isBilledKnown ? { billed: { inputTokens: billedInput, outputTokens: billedOutput } } : {}),
    raw,
  }
}

export function citationOf(value: JsonValue | undefined): Citation | undefined {
  const source = asObject(value)
  if (!source) return undefined
  const first = asObject(asArray(source['sources'])[0])
  const document = asObject(first?.['document']) ?? asObject(first?.['tool_output'])
  const text = asString(source['text'])
  const url = asString(document?.['url'])
  const title = asString(document?.['title'])
  const start = asNumber(source['start'])
  const end = asNumber(source['end'])
  return {
    ...(text === undefined ? {} : { text }),
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    origin: 'cohere-chat',
    value: source,
  }
}

/** Cohere groups tokens; the count is of tokens. Undefined when there are none. */
export function logprobsOf(items: readonly JsonValue[]): Logprobs | undefined {
  if (items.length === 0) return undefined
  let tokenCount = 0
  for (const item of items) tokenCount += asArray(asObject(item)?.['token_ids']).length
  return { origin: 'cohere-chat', tokenCount, value: items }
}

/** A call without arguments comes as the empty string or as `null`. */
export function argumentsTextOf(value: JsonValue | undefined): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : (asString(value) ?? '')
  const trimmed = text.trim()
  return trimmed === '' || trimmed === 'null' ? '{}' : text
}
