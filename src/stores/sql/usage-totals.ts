/** Totals of usage from what SQL adds up: one row for each group and pair of latency buckets, folded into groups. */
import { emptyLatencyCounts } from '#core/domain/latency-counts.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { UsageTotal } from '#services/analytics-collector/journal.ts'
import type { ReadRow } from '#stores/sql/usage-columns.ts'

interface Draft {
  readonly group: UsageTotal['group']
  readonly sums: Map<string, number>
  readonly latencyCounts: number[]
  readonly firstTokenCounts: number[]
}

/** Groups in the order in which they come. */
export function foldBuckets(rows: readonly ReadRow[], dimensions: number): UsageTotal[] {
  const drafts = new Map<string, Draft>()
  for (const row of rows) {
    const group = Array.from({ length: dimensions }, (_, i) => groupValue(row[`g${i}`]))
    const key = JSON.stringify(group)
    const draft = drafts.get(key) ?? newDraft(group)
    drafts.set(key, draft)
    addRow(draft, row)
  }
  return [...drafts.values()].map(totalOf)
}

function newDraft(group: UsageTotal['group']): Draft {
  return {
    group,
    sums: new Map(),
    latencyCounts: emptyLatencyCounts(),
    firstTokenCounts: emptyLatencyCounts(),
  }
}

function addRow({ sums, latencyCounts, firstTokenCounts }: Draft, row: ReadRow): void {
  for (const [column, value] of Object.entries(row)) {
    if (typeof value === 'number') sums.set(column, (sums.get(column) ?? 0) + value)
  }
  addBucket(latencyCounts, row['latency_bucket'], Number(row['kept']))
  addBucket(firstTokenCounts, row['first_token_bucket'], Number(row['kept']))
}

/** Counts are cumulative: what lies under one bound lies under every larger one. */
function addBucket(counts: number[], bucket: unknown, kept: number): void {
  if (typeof bucket !== 'number') return
  for (let i = bucket; i < counts.length; i += 1) counts[i] = (counts[i] ?? 0) + kept
}

function totalOf({ group, sums, latencyCounts, firstTokenCounts }: Draft): UsageTotal {
  const sum = (column: string) => sums.get(column) ?? 0
  return {
    group,
    requests: sum('requests'),
    errors: sum('errors'),
    attempts: sum('attempts'),
    failedAttempts: sum('failed_attempts'),
    cached: sum('cached'),
    refused: sum('refused'),
    inputTokens: sum('input_tokens'),
    outputTokens: sum('output_tokens'),
    cachedInputTokens: sum('cached_input_tokens'),
    cacheWriteTokens: sum('cache_write_tokens'),
    reasoningTokens: sum('reasoning_tokens'),
    costNanoUsd: toNanoUsd(sum('cost')),
    providerCostNanoUsd: toNanoUsd(sum('provider_cost')),
    estimatedCostNanoUsd: toNanoUsd(sum('estimated_cost')),
    latencyMsSum: sum('latency_ms_sum'),
    overheadMsSum: sum('overhead_ms_sum'),
    latencyCounts,
    firstTokenCounts,
  }
}

function groupValue(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}
