/** The arithmetic of a rate bucket: a window's worth that refills evenly, kept as the moment at which it will be full again. */

export interface BucketGauge {
  readonly limit: number
  readonly remaining: number
  /** How long until all of the limit is free again. */
  readonly resetMs: number
}

/** What is left of a limit for a window when it takes `owedMs` until its bucket is full. */
export function gaugeOf(limit: number, windowMs: number, owedMs: number): BucketGauge {
  const remaining = Math.max(0, Math.floor(limit * (1 - owedMs / windowMs) + 1e-6))
  return { limit, remaining, resetMs: Math.ceil(owedMs) }
}

/** The gauge with the smaller share left. */
export function tighter(a: BucketGauge | undefined, b: BucketGauge): BucketGauge {
  return a && a.remaining / a.limit <= b.remaining / b.limit ? a : b
}
