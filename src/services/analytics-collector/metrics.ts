/** Metrics for Prometheus: a few additions for each row, and the text that a scrape reads. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'
import { nanoPerUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import { metricTable } from '#services/analytics-collector/metric-table.ts'
import type { MetricKind, MetricName, ReadMetricName } from '#services/analytics-collector/metric-table.ts'

export interface MetricsSettings {
  readonly version: string
  readonly nodeVersion: string
  /** Whether the process's own memory, CPU and event loop are exposed too. */
  readonly withProcess: boolean
  /** Where the values of metrics come from that are read when somebody looks; missing ones are left out. */
  readonly readings: Readonly<Partial<Record<ReadMetricName, () => number>>>
}

export interface Metrics {
  readonly count: (row: UsageRow) => void
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
  gauge(registry, 'signalbox_build_info').set({ version: settings.version, node: settings.nodeVersion }, 1)
  return {
    count: createRowCount(registry),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function createRowCount(registry: Registry): (row: UsageRow) => void {
  const requests = counter(registry, 'signalbox_requests_total')
  const duration = histogram(registry, 'signalbox_request_duration_seconds')
  const firstToken = histogram(registry, 'signalbox_first_token_seconds')
  const overhead = histogram(registry, 'signalbox_overhead_seconds')
  const refusals = counter(registry, 'signalbox_refusals_total')
  const attempts = counter(registry, 'signalbox_attempts_total')
  const countUse = createUseCount(registry)
  const labelOf = createModelLabels()

  return (row) => {
    const provider = row.provider ?? 'none'
    const model = labelOf(row.model)
    if (row.kind === 'failed') {
      attempts.inc({ provider, outcome: 'failed' })
      return
    }
    const { door } = row
    const cached = row.kind === 'cached' ? 'yes' : 'no'
    requests.inc({ door, provider, model, status: statusClass(row.status), cached })
    duration.observe({ door, provider, model }, row.latencyMs / 1_000)
    overhead.observe({ door }, row.overheadMs / 1_000)
    if (row.problem !== null) refusals.inc({ code: row.problem })
    if (row.kind !== 'charge') return
    attempts.inc({ provider, outcome: row.problem === null ? 'ok' : 'broken' })
    if (row.firstTokenMs !== null) firstToken.observe({ provider, model }, row.firstTokenMs / 1_000)
    countUse(row, provider, model)
  }
}

/** Tokens and money of what was charged. */
function createUseCount(registry: Registry): (row: UsageRow, provider: string, model: string) => void {
  const tokens = counter(registry, 'signalbox_tokens_total')
  const cost = counter(registry, 'signalbox_cost_usd_total')
  return (row, provider, model) => {
    const add = (kind: string, count: number) => {
      if (count > 0) tokens.inc({ kind, provider, model }, count)
    }
    add('input', row.inputTokens)
    add('output', row.outputTokens)
    add('cached_input', row.cachedInputTokens)
    add('cache_write', row.cacheWriteTokens)
    add('reasoning', row.reasoningTokens)
    cost.inc({ provider, model }, row.costNanoUsd / nanoPerUsd)
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

function counter(registry: Registry, name: MetricName, collect?: () => void): Counter<string> {
  return new Counter<string>({ ...optionsOf(registry, name), ...(collect ? { collect } : {}) })
}

function gauge(registry: Registry, name: MetricName, collect?: () => void): Gauge<string> {
  return new Gauge<string>({ ...optionsOf(registry, name), ...(collect ? { collect } : {}) })
}

function histogram(registry: Registry, name: MetricName): Histogram<string> {
  const kind: MetricKind = metricTable[name]
  return new Histogram<string>({ ...optionsOf(registry, name), buckets: [...(kind.buckets ?? [])] })
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

function statusClass(status: number): string {
  return `${Math.floor(status / 100)}xx`
}
