/** Latencies as counts under fixed bounds, so that percentiles can be added up over rows, hours and stores. */

/** Bounds of the counts, in milliseconds, ascending. Everything above the last is only in the whole count. */
export const latencyBoundsMs: readonly number[] = [
  10, 25, 50, 100, 200, 350, 500, 750, 1_000, 1_500, 2_500, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000,
]

/** No latencies at all: one count for each bound and one for all. */
export function emptyLatencyCounts(): number[] {
  return Array.from({ length: latencyBoundsMs.length + 1 }, () => 0)
}

/** Counts one latency: under every bound that it does not pass, and in the whole. */
export function countLatency(counts: number[], latencyMs: number): void {
  for (let i = 0; i < latencyBoundsMs.length; i += 1) {
    if (latencyMs <= (latencyBoundsMs[i] ?? 0)) counts[i] = (counts[i] ?? 0) + 1
  }
  counts[latencyBoundsMs.length] = (counts[latencyBoundsMs.length] ?? 0) + 1
}

/**
 * The latency that a share (0 to 1) of all stayed under, in milliseconds, by straight interpolation between bounds;
 * the last bound when it lies above that; null when nothing was counted.
 */
export function latencyPercentile(counts: readonly number[], share: number): number | null {
  const all = counts[latencyBoundsMs.length] ?? 0
  if (all === 0) return null
  const rank = share * all
  let boundBelow = 0
  let countBelow = 0
  for (let i = 0; i < latencyBoundsMs.length; i += 1) {
    const bound = latencyBoundsMs[i] ?? 0
    const count = counts[i] ?? 0
    if (count >= rank && count > countBelow) {
      return boundBelow + ((bound - boundBelow) * (rank - countBelow)) / (count - countBelow)
    }
    boundBelow = bound
    countBelow = count
  }
  return boundBelow
}
