/** Usage as chat completions report it, by OpenAI and its many cousins, in our inclusive form. */
import { asCount, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { ProviderQuirk } from '#core/domain/target.ts'
import type { Usage } from '#core/domain/usage.ts'
import { reportedCost } from '#services/llm-adapters/wire/reported-cost.ts'

/**
 * The usage object of a reply or chunk in our words; undefined when there is none. Groq keeps it under `x_groq`
 * in streams. `prompt_tokens` contains cached tokens, `completion_tokens` contains reasoning, but for the quirks.
 */
export function usageOfChat(body: JsonObject, quirks: ReadonlySet<ProviderQuirk>): Usage | undefined {
  const usage = asObject(body['usage']) ?? asObject(asObject(body['x_groq'])?.['usage'])
  if (!usage) return undefined
  const input = asObject(usage['prompt_tokens_details'])
  const output = asObject(usage['completion_tokens_details'])
  const reasoningTokens = asCount(output?.['reasoning_tokens'])
  const inputAudioTokens = asCount(input?.['audio_tokens'])
  const { inputTokens, outputTokens } = inclusiveTotals(usage, { reasoningTokens, inputAudioTokens, quirks })
  const serverToolUses = serverToolUsesOf(usage)
  const serviceTier = asString(body['service_tier']) ?? asString(usage['service_tier'])
  const cost = reportedCost(usage)
  const read: { -readonly [Name in keyof Usage]: Usage[Name] } = {
    inputTokens,
    outputTokens,
    cachedInputTokens: cachedTokens(usage, input),
    cacheWriteTokens: asCount(input?.['cache_write_tokens']),
    cacheWriteHourTokens: null,
    reasoningTokens,
    inputImageTokens: asCount(input?.['image_tokens']),
    inputAudioTokens,
    outputImageTokens: asCount(output?.['image_tokens']),
    outputAudioTokens: asCount(output?.['audio_tokens']),
    raw: usage,
  }
  if (serverToolUses) read.serverToolUses = serverToolUses
  if (cost !== undefined) read.reportedCostNanoUsd = cost
  if (serviceTier) read.serviceTier = serviceTier
  return read
}

interface Beside {
  readonly reasoningTokens: number | null
  readonly inputAudioTokens: number | null
  readonly quirks: ReadonlySet<ProviderQuirk>
}

/**
 * Some servers count reasoning or audio beside the totals, and some hide thinking in `total_tokens` alone. What the
 * total says beyond input and output is therefore explained, and charged as output when nothing explains it.
 */
function inclusiveTotals(
  usage: JsonObject,
  beside: Beside,
): { inputTokens: number | null; outputTokens: number | null } {
  const input = asCount(usage['prompt_tokens'])
  const output = asCount(usage['completion_tokens'])
  const total = asCount(usage['total_tokens'])
  const reasoning = beside.reasoningTokens ?? 0
  const audio = beside.inputAudioTokens ?? 0
  if (input === null || output === null) return { inputTokens: input, outputTokens: output }
  const unexplained = total === null ? undefined : total - input - output
  if (unexplained !== undefined && unexplained <= 0) return { inputTokens: input, outputTokens: output }
  const isReasoningBeside = unexplained === reasoning || beside.quirks.has('reasoning_beside_output')
  if (isReasoningBeside && reasoning > 0) return { inputTokens: input, outputTokens: output + reasoning }
  const isAudioBeside = unexplained === audio || beside.quirks.has('audio_beside_input')
  if (isAudioBeside && audio > 0) return { inputTokens: input + audio, outputTokens: output }
  return { inputTokens: input, outputTokens: output + (unexplained ?? 0) }
}

/** OpenAI's word, DeepSeek's, Mistral's and Moonshot's. */
function cachedTokens(usage: JsonObject, input: JsonObject | undefined): number | null {
  return (
    asCount(input?.['cached_tokens']) ??
    asCount(usage['prompt_cache_hit_tokens']) ??
    asCount(usage['num_cached_tokens']) ??
    asCount(usage['cached_tokens'])
  )
}

function serverToolUsesOf(usage: JsonObject): Readonly<Record<string, number>> | undefined {
  const details = asObject(usage['server_tool_use_details']) ?? asObject(usage['server_tool_use'])
  const searches = asNumber(details?.['web_search_requests']) ?? 0
  const sources = asNumber(usage['num_sources_used']) ?? 0
  if (searches <= 0 && sources <= 0) return undefined
  return {
    ...(searches > 0 ? { web_search: searches } : {}),
    ...(sources > 0 ? { live_search_source: sources } : {}),
  }
}

/** Whether a body carries usage at all; `usage: null` in every chunk is how OpenAI says "not yet". */
export function hasUsage(body: JsonObject): boolean {
  return isObject(body['usage']) || isObject(asObject(body['x_groq'])?.['usage'])
}

const isObject = (value: JsonValue | undefined) => typeof value === 'object' && value !== null
