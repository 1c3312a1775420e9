/** Usage as Responses report it, in our inclusive form. */
import { asArray, asCount, asNumber, asObject, asString, entryOf } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Usage } from '#core/domain/usage.ts'
import { reportedCost } from '#services/llm-adapters/wire/reported-cost.ts'

/** The usage of a response object; undefined while there is none. Cached tokens and reasoning are subsets. */
export function usageOfResponse(response: JsonObject): Usage | undefined {
  const usage = asObject(response['usage'])
  if (!usage) return undefined
  const input = asObject(usage['input_tokens_details'])
  const output = asObject(usage['output_tokens_details'])
  const uses = serverToolUsesOf(response, usage)
  const cost = reportedCost(usage)
  const serviceTier = asString(response['service_tier'])
  return {
    inputTokens: asCount(usage['input_tokens']),
    outputTokens: asCount(usage['output_tokens']),
    cachedInputTokens: asCount(input?.['cached_tokens']),
    cacheWriteTokens: asCount(input?.['cache_write_tokens']),
    cacheWriteHourTokens: null,
    reasoningTokens: asCount(output?.['reasoning_tokens']),
    inputImageTokens: asCount(input?.['image_tokens']),
    inputAudioTokens: asCount(input?.['audio_tokens']),
    outputImageTokens: asCount(output?.['image_tokens']),
    outputAudioTokens: asCount(output?.['audio_tokens']),
    ...(uses ? { serverToolUses: uses } : {}),
    ...(cost === undefined ? {} : { reportedCostNanoUsd: cost }),
    ...(serviceTier ? { serviceTier } : {}),
    raw: usage,
  }
}

/** Items of tools that are billed by the use, with the name that price lists give the tool. */
const billedItems: Readonly<Record<string, string>> = {
  web_search_call: 'web_search',
  file_search_call: 'file_search',
  code_interpreter_call: 'code_interpreter',
  image_generation_call: 'image_generation',
}

/** OpenAI's own count of searches and xAI's of every tool, or else the items themselves. */
function serverToolUsesOf(
  response: JsonObject,
  usage: JsonObject,
): Readonly<Record<string, number>> | undefined {
  const uses: { [tool: string]: number } = {}
  for (const item of asArray(response['output'])) {
    const tool = entryOf(billedItems, asString(asObject(item)?.['type']) ?? '')
    if (tool) uses[tool] = (uses[tool] ?? 0) + 1
  }
  const searches = asNumber(asObject(asObject(response['tool_usage'])?.['web_search'])?.['num_requests'])
  if (searches !== undefined && searches > 0) uses['web_search'] = searches
  const details = asObject(usage['server_side_tool_usage_details'])
  for (const name in details) {
    const count = asNumber(details[name])
    if (count !== undefined && count > 0) uses[name.replace(/_calls$/, '')] = count
  }
  return Object.keys(uses).length === 0 ? undefined : uses
}
