/** Anthropic's token counts in our inclusive form (Messages API reference, `usage`). */
import { asCount, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'

/**
 * Anthropic counts plain, read and written input apart; here the total holds all three. Output holds thinking
 * already. `iterations` (other models asked along the way) stay in `raw`.
 */
export function usageOf(raw: JsonObject): Usage {
  const plain = asCount(raw['input_tokens'])
  const cachedInputTokens = asCount(raw['cache_read_input_tokens'])
  const cacheWriteTokens = asCount(raw['cache_creation_input_tokens'])
  const hour = asCount(asObject(raw['cache_creation'])?.['ephemeral_1h_input_tokens'])
  const details = asObject(raw['output_tokens_details'])
  return {
    ...unknownUsage,
    inputTokens: plain === null ? null : plain + (cachedInputTokens ?? 0) + (cacheWriteTokens ?? 0),
    outputTokens: asCount(raw['output_tokens']),
    cachedInputTokens,
    cacheWriteTokens,
    cacheWriteHourTokens: hour === null ? null : Math.min(hour, cacheWriteTokens ?? 0),
    reasoningTokens: asCount(details?.['thinking_tokens']),
    serverToolUses: serverToolUses(asObject(raw['server_tool_use'])),
    // Fast mode is billed apart, whatever the tier is called beside it.
    serviceTier: raw['speed'] === 'fast' ? 'fast' : asString(raw['service_tier']),
    raw,
  }
}

/** `web_search_requests: 2` is two uses of `web_search`. */
function serverToolUses(counts: JsonObject | undefined): Readonly<Record<string, number>> | undefined {
  let uses: Record<string, number> | undefined
  for (const [name, value] of Object.entries(counts ?? {})) {
    const count = asCount(value)
    if (count === null || count === 0) continue
    uses ??= {}
    uses[name.replace(/_requests$/, '')] = count
  }
  return uses
}

/** A later count replaces an earlier one; a count left out or null does not. */
export function mergedUsage(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged: Record<string, JsonValue | undefined> = { ...earlier }
  for (const [name, value] of Object.entries(later)) {
    if (value !== null && value !== undefined) merged[name] = value
  }
  return merged
}
