/** A histogram that every request adds to: plain sums by series, put into the library's words when a scrape asks. */
import type { Metric, MetricObjectWithValues, MetricValueWithName, Registry } from '@prometheus-io/client'

export interface HistogramTerms {
  readonly name: string
  readonly help: string
  /** Upper bounds in ascending order, in the metric's unit. */
  readonly buckets: readonly number[]
}

export interface HistogramSeries {
  readonly observe: (value: number) => void
}

export interface SummedHistogram {
  /** The series of these labels, the same each time. */
  readonly series: (labels: Readonly<Record<string, string>>) => HistogramSeries
}

interface Sums {
  readonly labels: Readonly<Record<string, string>>
  /** By bucket, and beyond the last one; each value is counted in one. */
  readonly counts: number[]
  sum: number
}

type HistogramValues = Omit<MetricObjectWithValues<MetricValueWithName<string>>, 'collect'>

/** Registered under its name. Throws what the registry throws for a name that it has. */
export function createSummedHistogram(
  registry: Registry,
  { name, help, buckets }: HistogramTerms,
): SummedHistogram {
  const all = new Map<string, { readonly sums: Sums; readonly series: HistogramSeries }>()
  const get = (): Promise<HistogramValues> => {
    const values = [...all.values()].flatMap(({ sums }) => valuesOf(name, buckets, sums))
    return Promise.resolve({
      name,
      help,
      type: 'histogram' as const,
      aggregator: 'sum',
      values,
    })
  }
  // A registry asks a metric for its name and its values alone; the library's types know only its own classes.
  registry.registerMetric({ name, get } as unknown as Metric<string>)
  return {
    series(labels) {
      const key = Object.values(labels).join('\n')
      const known = all.get(key)
      if (known) return known.series
      const sums = { labels, counts: Array.from({ length: buckets.length + 1 }, () => 0), sum: 0 }
      const series = { observe: (value: number) => add(sums, buckets, value) }
      all.set(key, { sums, series })
      return series
    },
  }
}

function add(sums: Sums, buckets: readonly number[], value: number): void {
  let bucket = 0
  while (bucket < buckets.length && value > (buckets[bucket] ?? 0)) bucket += 1
  sums.counts[bucket] = (sums.counts[bucket] ?? 0) + 1
  sums.sum += value
}

/** Buckets are cumulative in the exposition: each has everything below its bound. Nothing of a series without a value. */
function valuesOf(
  name: string,
  buckets: readonly number[],
  { labels, counts, sum }: Sums,
): Array<MetricValueWithName<string>> {
  let below = 0
  const values = counts.map((count, bucket): MetricValueWithName<string> => {
    below += count
    return {
      metricName: `${name}_bucket`,
      labels: { le: buckets[bucket] ?? '+Inf', ...labels },
      value: below,
    }
  })
  if (below === 0) return []
  values.push({ metricName: `${name}_sum`, labels, value: sum })
  values.push({ metricName: `${name}_count`, labels, value: below })
  return values
}
