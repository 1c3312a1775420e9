/** Usage as rows keep it, and back: all that a price needs, so that an old bill can be computed again. */
import type { BillingDetail, UsageRow } from '#core/domain/request-record.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Writable } from '#core/domain/writable.ts'

const counts = [
  'cacheWriteHourTokens',
  'inputImageTokens',
  'inputAudioTokens',
  'outputImageTokens',
  'outputAudioTokens',
] as const

/** What a row must keep beside its columns; null for the usual answer, which has nothing of it. */
export function billingDetailOf(usage: Usage, isClamped: boolean): BillingDetail | null {
  let detail: Writable<BillingDetail> | null = null
  for (const name of counts) {
    const count = usage[name]
    if (count) (detail ??= {})[name] = count
  }
  if (usage.billed) {
    detail ??= {}
    detail.billedInputTokens = usage.billed.inputTokens
    detail.billedOutputTokens = usage.billed.outputTokens
  }
  if (usage.searchUnits) (detail ??= {}).searchUnits = usage.searchUnits
  if (usage.serverToolUses && Object.values(usage.serverToolUses).some((uses) => uses > 0))
    (detail ??= {}).serverToolUses = usage.serverToolUses
  if (usage.reportedCostNanoUsd) (detail ??= {}).reportedCostNanoUsd = usage.reportedCostNanoUsd
  if (isClamped) (detail ??= {}).isClamped = true
  return detail
}

/** The usage that a row was charged for. A count that its provider never said is 0 here, and costs the same. */
export function usageOfRow(row: UsageRow): Usage {
  const { billing } = row
  const isBilled = billing?.billedInputTokens !== undefined || billing?.billedOutputTokens !== undefined
  return {
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    cachedInputTokens: row.cachedInputTokens,
    cacheWriteTokens: row.cacheWriteTokens,
    cacheWriteHourTokens: billing?.cacheWriteHourTokens ?? null,
    reasoningTokens: row.reasoningTokens,
    inputImageTokens: billing?.inputImageTokens ?? null,
    inputAudioTokens: billing?.inputAudioTokens ?? null,
    outputImageTokens: billing?.outputImageTokens ?? null,
    outputAudioTokens: billing?.outputAudioTokens ?? null,
    ...(isBilled
      ? {
          billed: {
            inputTokens: billing.billedInputTokens ?? 0,
            outputTokens: billing.billedOutputTokens ?? 0,
          },
        }
      : {}),
    searchUnits: billing?.searchUnits,
    serverToolUses: billing?.serverToolUses,
    serviceTier: row.serviceTier ?? undefined,
  }
}
