/** A growing row of numbers and what is said of it: quantiles, median, range. */

export type Samples = {
  add: (value: number) => void
  count: () => number
  /** The value below which the share `q` (0 to 1) of the samples lies; NaN without samples. */
  quantile: (q: number) => number
}

const firstCapacity = 1024

/** An empty row of samples. */
export function createSamples(): Samples {
  let values = new Float64Array(firstCapacity)
  let count = 0
  let isSorted = false
  return {
    add(value) {
      if (count === values.length) {
        const wider = new Float64Array(count * 2)
        wider.set(values)
        values = wider
      }
      values[count++] = value
      isSorted = false
    },
    count: () => count,
    quantile(q) {
      if (!isSorted) values.subarray(0, count).sort()
      isSorted = true
      return values[Math.min(count - 1, Math.floor(q * count))] ?? Number.NaN
    },
  }
}

export type Spread = { median: number; min: number; max: number }

/** Median and range of the repetitions of one figure; repetitions without a figure (NaN) are left out. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = figures.filter((figure) => Number.isFinite(figure)).sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}
