/** Usage reports: totals over time and people, with the rates and percentiles that readers want. */
import { windowAt } from '#core/domain/budget-window.ts'
import { emptyLatencyCounts, latencyPercentile } from '#core/domain/latency-counts.ts'
import { addMoney } from '#core/domain/money.ts'
import type {
  Journal,
  UsageDimension,
  UsageQuery,
  UsageTotal,
} from '#services/analytics-collector/journal.ts'

export type UsagePeriod = 'hourly' | 'daily' | 'weekly' | 'monthly'

export interface ReportQuery extends Omit<UsageQuery, 'groupBy'> {
  /** One line for each period and group; undefined is one line for each group over all the time. */
  readonly period?: UsagePeriod | undefined
  readonly groupBy: ReadonlyArray<Exclude<UsageDimension, 'hour' | 'day'>>
}

export interface ReportLine extends UsageTotal {
  /** Start of the period, in milliseconds; null without periods. */
  readonly periodStartMs: number | null
  readonly latencyMs: {
    readonly mean: number | null
    readonly p50: number | null
    readonly p95: number | null
    readonly p99: number | null
  }
  readonly firstTokenMs: { readonly p50: number | null; readonly p95: number | null }
  readonly overheadMsMean: number | null
}

/** Days that a query may bring before they are folded into weeks or months. */
const dailyGroupsMax = 100_000

/** Lines in the order of time, then of their groups. Throws what the journal throws. */
export async function usageReport(journal: Journal, query: ReportQuery): Promise<readonly ReportLine[]> {
  const { period, groupBy, limit } = query
  if (period === undefined) {
    const totals = await journal.totals({ ...query, groupBy })
    return totals.map((total) => lineOf(null, total))
  }
  const isFolded = period === 'weekly' || period === 'monthly'
  const totals = await journal.totals({
    ...query,
    groupBy: [period === 'hourly' ? 'hour' : 'day', ...groupBy],
    limit: isFolded ? dailyGroupsMax : limit,
  })
  const lines = new Map<string, { startMs: number; total: UsageTotal }>()
  for (const total of totals) {
    const [momentMs, ...group] = total.group
    const startMs = startOf(period, Number(momentMs))
    const key = JSON.stringify([startMs, group])
    const known = lines.get(key)
    lines.set(key, {
      startMs,
      total: known ? addTotals(known.total, { ...total, group }) : { ...total, group },
    })
  }
  return [...lines.values()].slice(0, limit).map(({ startMs, total }) => lineOf(startMs, total))
}

function startOf(period: UsagePeriod, momentMs: number): number {
  if (period === 'weekly') return windowAt('week', momentMs).startsAtMs
  if (period === 'monthly') return windowAt('month', momentMs).startsAtMs
  return momentMs
}

function lineOf(periodStartMs: number | null, total: UsageTotal): ReportLine {
  const { requests, latencyCounts, firstTokenCounts } = total
  return {
    ...total,
    periodStartMs,
    latencyMs: {
      mean: requests === 0 ? null : total.latencyMsSum / requests,
      p50: latencyPercentile(latencyCounts, 0.5),
      p95: latencyPercentile(latencyCounts, 0.95),
      p99: latencyPercentile(latencyCounts, 0.99),
    },
    firstTokenMs: {
      p50: latencyPercentile(firstTokenCounts, 0.5),
      p95: latencyPercentile(firstTokenCounts, 0.95),
    },
    overheadMsMean: requests === 0 ? null : total.overheadMsSum / requests,
  }
}

function addTotals(a: UsageTotal, b: UsageTotal): UsageTotal {
  return {
    group: a.group,
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    attempts: a.attempts + b.attempts,
    failedAttempts: a.failedAttempts + b.failedAttempts,
    cached: a.cached + b.cached,
    refused: a.refused + b.refused,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    costNanoUsd: addMoney(a.costNanoUsd, b.costNanoUsd),
    providerCostNanoUsd: addMoney(a.providerCostNanoUsd, b.providerCostNanoUsd),
    estimatedCostNanoUsd: addMoney(a.estimatedCostNanoUsd, b.estimatedCostNanoUsd),
    latencyMsSum: a.latencyMsSum + b.latencyMsSum,
    overheadMsSum: a.overheadMsSum + b.overheadMsSum,
    latencyCounts: addCounts(a.latencyCounts, b.latencyCounts),
    firstTokenCounts: addCounts(a.firstTokenCounts, b.firstTokenCounts),
  }
}

function addCounts(a: readonly number[], b: readonly number[]): readonly number[] {
  return emptyLatencyCounts().map((zero, i) => zero + (a[i] ?? 0) + (b[i] ?? 0))
}
