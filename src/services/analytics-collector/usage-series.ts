/** What rows add up to between two scrapes: plain numbers by series, because each request adds to several. */
import type { UsageRow } from '#core/domain/request-record.ts'
import type { HistogramSeries, SummedHistogram } from '#services/analytics-collector/summed-histogram.ts'

/** The rows of one endpoint, model, class of status and kind. */
export interface UsageSeries {
  readonly labels: { readonly door: string; readonly provider: string; readonly model: string }
  readonly status: string
  readonly cached: string
  readonly duration: HistogramSeries
  readonly overhead: HistogramSeries
  readonly firstToken: HistogramSeries
  requests: number
  /** Of these, calls to a provider that it answered to the end. */
  answered: number
  input: number
  output: number
  cachedInput: number
  cacheWrite: number
  reasoning: number
  costNanoUsd: number
}

/** In seconds. */
export interface UsageHistograms {
  readonly duration: SummedHistogram
  readonly overhead: SummedHistogram
  readonly firstToken: SummedHistogram
}

export interface UsageShelf {
  /** The series that a row belongs to, with its provider and model as labels have them. */
  readonly of: (row: UsageRow, provider: string, model: string) => UsageSeries
  /** Hands out every series and begins anew. */
  readonly takeAll: () => readonly UsageSeries[]
}

const nothingYet = {
  requests: 0,
  answered: 0,
  input: 0,
  output: 0,
  cachedInput: 0,
  cacheWrite: 0,
  reasoning: 0,
  costNanoUsd: 0,
}

export function createUsageShelf({ duration, overhead, firstToken }: UsageHistograms): UsageShelf {
  const known = new Map<string, UsageSeries>()
  return {
    of({ door, kind, status: code }, provider, model) {
      const status = statusClass(code)
      const key = `${door} ${provider} ${model} ${status} ${kind}`
      const open = known.get(key)
      if (open) return open
      const labels = { door, provider, model }
      const series = {
        ...nothingYet,
        labels,
        status,
        cached: kind === 'cached' ? 'yes' : 'no',
        duration: duration.series(labels),
        overhead: overhead.series({ door }),
        firstToken: firstToken.series({ provider, model }),
      }
      known.set(key, series)
      return series
    },
    takeAll() {
      const all = [...known.values()]
      known.clear()
      return all
    },
  }
}

/** Adds tokens and cost. */
export function addUse(series: UsageSeries, row: UsageRow): void {
  series.input += row.inputTokens
  series.output += row.outputTokens
  series.cachedInput += row.cachedInputTokens
  series.cacheWrite += row.cacheWriteTokens
  series.reasoning += row.reasoningTokens
  series.costNanoUsd += row.costNanoUsd
}

function statusClass(status: number): string {
  return `${Math.floor(status / 100)}xx`
}
