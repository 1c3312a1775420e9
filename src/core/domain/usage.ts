/** Usage: what a provider says it counted, in one inclusive form. */
import type { JsonValue } from '#core/domain/json.ts'
import type { NanoUsd } from '#core/domain/money.ts'

/**
 * Token counts of one answer. Totals are inclusive: `inputTokens` contains cached reads and cache writes,
 * `outputTokens` contains reasoning; the other counts are subsets. `null` means that the provider did not say,
 * which is not the same as 0.
 */
export interface Usage {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly cachedInputTokens: number | null
  readonly cacheWriteTokens: number | null
  /** The part of `cacheWriteTokens` that was written for an hour (Anthropic), which costs more. */
  readonly cacheWriteHourTokens: number | null
  readonly reasoningTokens: number | null
  readonly inputImageTokens: number | null
  readonly inputAudioTokens: number | null
  readonly outputImageTokens: number | null
  readonly outputAudioTokens: number | null
  /** Where a provider bills other numbers than it counts (Cohere's billed_units). */
  readonly billed?: { readonly inputTokens: number; readonly outputTokens: number } | undefined
  /** Search units of a ranking, where the provider bills those. */
  readonly searchUnits?: number | undefined
  /** Uses of tools that the provider itself runs and bills by the use, by tool name. */
  readonly serverToolUses?: Readonly<Record<string, number>> | undefined
  /** What the provider itself says this answer cost. */
  readonly reportedCostNanoUsd?: NanoUsd | undefined
  /** The service tier that answered, in the provider's word. */
  readonly serviceTier?: string | undefined
  /** The provider's own usage object, unchanged. */
  readonly raw?: JsonValue | undefined
}

export const unknownUsage: Usage = {
  inputTokens: null,
  outputTokens: null,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  cacheWriteHourTokens: null,
  reasoningTokens: null,
  inputImageTokens: null,
  inputAudioTokens: null,
  outputImageTokens: null,
  outputAudioTokens: null,
}

/** The usage of work that nobody counts or charges. */
export const noUsage: Usage = { ...unknownUsage, inputTokens: 0, outputTokens: 0 }

/** What two attempts used together. A count that only one of them gave is the sum; the raw objects are left out. */
export function addUsage(one: Usage, other: Usage): Usage {
  const billed = one.billed || other.billed ? { billed: addBilled(one, other) } : {}
  return {
    inputTokens: add(one.inputTokens, other.inputTokens),
    outputTokens: add(one.outputTokens, other.outputTokens),
    cachedInputTokens: add(one.cachedInputTokens, other.cachedInputTokens),
    cacheWriteTokens: add(one.cacheWriteTokens, other.cacheWriteTokens),
    cacheWriteHourTokens: add(one.cacheWriteHourTokens, other.cacheWriteHourTokens),
    reasoningTokens: add(one.reasoningTokens, other.reasoningTokens),
    inputImageTokens: add(one.inputImageTokens, other.inputImageTokens),
    inputAudioTokens: add(one.inputAudioTokens, other.inputAudioTokens),
    outputImageTokens: add(one.outputImageTokens, other.outputImageTokens),
    outputAudioTokens: add(one.outputAudioTokens, other.outputAudioTokens),
    ...billed,
    ...(other.serviceTier === undefined ? {} : { serviceTier: other.serviceTier }),
  }
}

const add = (one: number | null, other: number | null) =>
  one === null && other === null ? null : (one ?? 0) + (other ?? 0)

/** Who says nothing else bills what it counts. */
function addBilled(one: Usage, other: Usage): NonNullable<Usage['billed']> {
  const [first, second] = [one, other].map(({ billed, inputTokens, outputTokens }) => ({
    inputTokens: billed?.inputTokens ?? inputTokens ?? 0,
    outputTokens: billed?.outputTokens ?? outputTokens ?? 0,
  }))
  return {
    inputTokens: (first?.inputTokens ?? 0) + (second?.inputTokens ?? 0),
    outputTokens: (first?.outputTokens ?? 0) + (second?.outputTokens ?? 0),
  }
}

/** Input and output together, or null when either is unknown. */
export function totalTokens(usage: Usage): number | null {
  return usage.inputTokens === null || usage.outputTokens === null
    ? null
    : usage.inputTokens + usage.outputTokens
}
