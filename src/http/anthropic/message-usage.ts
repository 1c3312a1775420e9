/** Token counts as Anthropic states them: plain, read and written input apart (Messages API reference, `usage`). */
import type { JsonObject } from '#core/domain/json.ts'
import type { Usage } from '#core/domain/usage.ts'

const tiers: ReadonlySet<string> = new Set(['standard', 'priority', 'batch'])

/** Counts that must be numbers are 0 where the provider did not give them. */
export function writeUsage(usage: Usage): JsonObject {
  const { serviceTier } = usage
  return {
    ...writeCounts(usage),
    cache_creation: writtenByAge(usage),
    service_tier: serviceTier !== undefined && tiers.has(serviceTier) ? serviceTier : null,
    inference_geo: null,
    speed: serviceTier === 'fast' ? 'fast' : null,
  }
}

/** The counts that a stream's end states. */
export function writeCounts(usage: Usage): JsonObject {
  const cached = usage.cachedInputTokens ?? 0
  const written = usage.cacheWriteTokens ?? 0
  return {
    input_tokens: Math.max(0, (usage.inputTokens ?? 0) - cached - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cached,
    output_tokens: usage.outputTokens ?? 0,
    output_tokens_details: usage.reasoningTokens === null ? null : { thinking_tokens: usage.reasoningTokens },
    server_tool_use: serverToolUse(usage),
  }
}

function writtenByAge({ cacheWriteTokens, cacheWriteHourTokens }: Usage): JsonObject | null {
  if (cacheWriteTokens === null) return null
  const hour = cacheWriteHourTokens ?? 0
  return {
    ephemeral_5m_input_tokens: Math.max(0, cacheWriteTokens - hour),
    ephemeral_1h_input_tokens: hour,
  }
}

function serverToolUse({ serverToolUses }: Usage): JsonObject | null {
  if (!serverToolUses) return null
  return {
    web_search_requests: serverToolUses['web_search'] ?? 0,
    web_fetch_requests: serverToolUses['web_fetch'] ?? 0,
  }
}
