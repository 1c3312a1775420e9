/** The analytics collector: takes a row for each attempt and request, counts it at once and writes it soon. */
import type { Clock } from '#core/domain/clock.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { ChargeQuery, Journal, UsageQuery } from '#services/analytics-collector/journal.ts'
import type { ReadMetricName } from '#services/analytics-collector/metric-table.ts'
import type { HedgeOutcome, MetricTables, RescueOutcome } from '#services/analytics-collector/metrics.ts'
import { createMetrics } from '#services/analytics-collector/metrics.ts'
import { createRowQueue } from '#services/analytics-collector/row-queue.ts'
import type { RowCounts, RowQueueSettings } from '#services/analytics-collector/row-queue.ts'
import { usageReport } from '#services/analytics-collector/usage-report.ts'
import type { ReportLine, ReportQuery } from '#services/analytics-collector/usage-report.ts'

export interface AnalyticsSettings extends RowQueueSettings {
  /** Rows older than this are removed by `prune`; undefined keeps them for good. */
  readonly keepDays: number | undefined
  /** What is running, for `signalbox_build_info`. */
  readonly version: string
  readonly nodeVersion: string
  readonly withProcessMetrics: boolean
}

export interface AnalyticsPorts {
  readonly journal: Journal
  readonly clock: Clock
  /** Tells the operator that rows cannot be written. */
  readonly report: (failure: unknown, place: string) => void
  /** Values that others know and the metrics show. */
  readonly readings: Readonly<Partial<Record<ReadMetricName, () => number>>>
  readonly tables?: MetricTables
}

export interface AnalyticsCollector {
  /** Takes a row in memory and returns at once; rows are written in batches. */
  record(row: UsageRow): void
  /** Counts a stream that was asked of a second target too, and what became of that one. */
  noteHedge(outcome: HedgeOutcome): void
  /** Counts a stream that broke off and what became of it. */
  noteRescue(policy: 'hold' | 'continue', outcome: RescueOutcome): void
  /** Writes all rows that wait: before questions about now, and before the end. Throws `store_unavailable`. */
  flush(): Promise<void>
  /** Totals over time and groups. Throws `store_unavailable`. */
  usage(query: ReportQuery): Promise<readonly ReportLine[]>
  /** The newest rows first. Throws `store_unavailable`. */
  latest(query: UsageQuery): Promise<readonly UsageRow[]>
  /** Charges and adjustments, page by page. Throws `store_unavailable`. */
  charges(query: ChargeQuery): Promise<readonly UsageRow[]>
  /** Removes rows older than the settings keep. Returns how many. To be called every hour or so. */
  prune(): Promise<number>
  metricsText(): Promise<string>
  readonly metricsContentType: string
  counts(): RowCounts
}

const dayMs = 24 * 3_600_000

export function createAnalyticsCollector(
  ports: AnalyticsPorts,
  settings: AnalyticsSettings,
): AnalyticsCollector {
  const { journal, clock } = ports
  const queue = createRowQueue(ports, settings)
  const metrics = createMetrics({
    version: settings.version,
    nodeVersion: settings.nodeVersion,
    withProcess: settings.withProcessMetrics,
    tables: ports.tables,
    readings: {
      ...ports.readings,
      signalbox_usage_rows_pending: () => queue.counts().pending,
      signalbox_usage_rows_written_total: () => queue.counts().written,
      signalbox_usage_rows_lost_total: () => queue.counts().lost,
    },
  })
  return {
    record(row) {
      metrics.count(row)
      queue.add(row)
    },
    noteRescue: metrics.countRescue,
    noteHedge: metrics.countHedge,
    flush: queue.flush,
    usage: (query) => usageReport(journal, query),
    latest: async (query) => journal.latest(query),
    charges: async (query) => journal.charges(query),
    prune: async () =>
      settings.keepDays === undefined ? 0 : journal.prune(clock.nowMs() - settings.keepDays * dayMs),
    metricsText: metrics.text,
    metricsContentType: metrics.contentType,
    counts: queue.counts,
  }
}
