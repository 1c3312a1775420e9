/** Metrics for Prometheus: a few additions for each row, and the text that a scrape reads. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from '@prometheus-io/client'
import { nanoPerUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import { metricTable } from '#services/analytics-collector/metric-table.ts'
import type { MetricKind, MetricName, ReadMetricName } from '#services/analytics-collector/metric-table.ts'
import { createSummedHistogram } from '#services/analytics-collector/summed-histogram.ts'
import type { SummedHistogram } from '#services/analytics-collector/summed-histogram.ts'
import { addUse, createUsageShelf } from '#services/analytics-collector/usage-series.ts'
import type { UsageSeries } from '#services/analytics-collector/usage-series.ts'

export interface MetricsSettings {
  readonly version: string
  readonly nodeVersion: string
  /** Whether the process's own memory, CPU and event loop are exposed too. */
  readonly withProcess: boolean
  /** Where the values of metrics come from that are read when somebody looks; missing ones are left out. */
  readonly readings: Readonly<Partial<Record<ReadMetricName, () => number>>>
  /** The same for gauges with labels. */
  readonly tables?: MetricTables | undefined
}

/** `restarted` and `continued` were not seen as breaks; the other two were told. */
export type RescueOutcome = 'restarted' | 'continued' | 'unsafe' | 'failed'

/** `won`: the second target spoke first. */
export type HedgeOutcome = 'won' | 'lost' | 'failed'

export interface LabelledValue {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export type MetricTables = Readonly<Partial<Record<MetricName, () => readonly LabelledValue[]>>>

export interface Metrics {
  readonly count: (row: UsageRow) => void
  readonly countRescue: (policy: 'hold' | 'continue', outcome: RescueOutcome) => void
  readonly countHedge: (outcome: HedgeOutcome) => void
  /** The exposition in Prometheus text format 0.0.4. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

/** Distinct model labels; a catalogue is far smaller, and names beyond it must not grow without end. */
const modelLabelsMax = 1_000

export function createMetrics(settings: MetricsSettings): Metrics {
  const registry = new Registry()
  if (settings.withProcess) collectDefaultMetrics({ register: registry })
  exposeReadings(registry, settings.readings)
  exposeTables(registry, settings.tables ?? {})
  gauge(registry, 'signalbox_build_info').set({ version: settings.version, node: settings.nodeVersion }, 1)
  const rows = createRowCount(registry)
  const rescues = counter(registry, 'signalbox_rescues_total')
  const hedges = counter(registry, 'signalbox_hedges_total')
  return {
    count: rows.count,
    countHedge: (outcome) => hedges.inc({ outcome }),
    countRescue: (policy, outcome) => rescues.inc({ policy, outcome }),
    text() {
      rows.fold()
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}

interface RowCount {
  readonly count: (row: UsageRow) => void
  /** Hands the sums to the library. */
  readonly fold: () => void
}

function createRowCount(registry: Registry): RowCount {
  const shelf = createUsageShelf({
    duration: histogram(registry, 'signalbox_request_duration_seconds'),
    firstToken: histogram(registry, 'signalbox_first_token_seconds'),
    overhead: histogram(registry, 'signalbox_overhead_seconds'),
  })
  const refusals = counter(registry, 'signalbox_refusals_total')
  const attempts = counter(registry, 'signalbox_attempts_total')
  const foldSeries = createSeriesFold(registry)
  const labelOf = createModelLabels()

  return {
    count(row) {
      const provider = row.provider ?? 'none'
      if (row.kind === 'failed') {
        attempts.inc({ provider, outcome: 'failed' })
        return
      }
      const series = shelf.of(row, provider, labelOf(row.model))
      if (row.kind === 'rescued' || row.kind === 'hedged') {
        attempts.inc({ provider, outcome: row.kind === 'rescued' ? 'broken' : 'hedged' })
        addUse(series, row)
        return
      }
      series.requests += 1
      series.duration.observe(row.latencyMs / 1_000)
      series.overhead.observe(row.overheadMs / 1_000)
      if (row.problem !== null) refusals.inc({ code: row.problem })
      if (row.kind !== 'charge') return
      if (row.problem === null) series.answered += 1
      else attempts.inc({ provider, outcome: 'broken' })
      if (row.firstTokenMs !== null) series.firstToken.observe(row.firstTokenMs / 1_000)
      addUse(series, row)
    },
    fold() {
      for (const series of shelf.takeAll()) {
        const { labels, answered } = series
        foldSeries(series)
        if (answered > 0) attempts.inc({ provider: labels.provider, outcome: 'ok' }, answered)
      }
    },
  }
}

function createSeriesFold(registry: Registry): (series: UsageSeries) => void {
  const requests = counter(registry, 'signalbox_requests_total')
  const tokens = counter(registry, 'signalbox_tokens_total')
  const cost = counter(registry, 'signalbox_cost_usd_total')
  return (series) => {
    const { labels, status, cached } = series
    const { provider, model } = labels
    requests.inc({ ...labels, status, cached }, series.requests)
    const add = (kind: string, count: number) => {
      if (count > 0) tokens.inc({ kind, provider, model }, count)
    }
    add('input', series.input)
    add('output', series.output)
    add('cached_input', series.cachedInput)
    add('cache_write', series.cacheWrite)
    add('reasoning', series.reasoning)
    if (series.costNanoUsd > 0) cost.inc({ provider, model }, series.costNanoUsd / nanoPerUsd)
  }
}

function exposeReadings(registry: Registry, readings: MetricsSettings['readings']): void {
  for (const [name, read] of Object.entries(readings) as Array<[ReadMetricName, () => number]>) {
    if (metricTable[name].type === 'gauge') {
      const shown = gauge(registry, name, () => shown.set(read()))
    } else {
      const shown = counter(registry, name, () => {
        shown.reset()
        shown.inc(read())
      })
    }
  }
}

/** Rows that are gone since the last scrape are gone from the exposition too. */
function exposeTables(registry: Registry, tables: MetricTables): void {
  for (const [name, read] of Object.entries(tables) as Array<[MetricName, () => readonly LabelledValue[]]>) {
    const shown = gauge(registry, name, () => {
      shown.reset()
      for (const { labels, value } of read()) shown.set({ ...labels }, value)
    })
  }
}

function counter(registry: Registry, name: MetricName, collect?: () => void): Counter<string> {
  return new Counter<string>({ ...optionsOf(registry, name), ...(collect ? { collect } : {}) })
}

function gauge(registry: Registry, name: MetricName, collect?: () => void): Gauge<string> {
  return new Gauge<string>({ ...optionsOf(registry, name), ...(collect ? { collect } : {}) })
}

function histogram(registry: Registry, name: MetricName): SummedHistogram {
  const { help, buckets = [] }: MetricKind = metricTable[name]
  return createSummedHistogram(registry, { name, help, buckets })
}

function optionsOf(registry: Registry, name: MetricName) {
  const { help, labels } = metricTable[name]
  return { name, help, labelNames: [...labels], registers: [registry] }
}

function createModelLabels(): (model: string | null) => string {
  const seen = new Set<string>()
  return (model) => {
    if (model === null) return 'none'
    if (seen.has(model)) return model
    if (seen.size >= modelLabelsMax) return 'other'
    seen.add(model)
    return model
  }
}
