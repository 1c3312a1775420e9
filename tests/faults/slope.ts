/** How fast a figure grows, told from samples of which some may be far off: the median of the slopes of all pairs. */

export interface Sample {
  readonly atMs: number
  readonly value: number
}

const hourMs = 3_600_000

/** In units an hour (Theil 1950, Sen 1968). Throws below two samples. */
export function slopePerHour(samples: readonly Sample[]): number {
  const slopes: number[] = []
  for (const [at, later] of samples.entries()) {
    for (const earlier of samples.slice(0, at)) {
      slopes.push(((later.value - earlier.value) / (later.atMs - earlier.atMs)) * hourMs)
    }
  }
  return median(slopes)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)]
  const lower = sorted[Math.ceil(middle) - 1]
  if (upper === undefined || lower === undefined) throw new Error('a slope needs two samples')
  return (lower + upper) / 2
}
