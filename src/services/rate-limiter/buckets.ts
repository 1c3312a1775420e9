/** The port of the buckets: the counts behind every rate and concurrency limit. */
import type { LimitAmounts, LimitLevel, LimitWindow } from '#core/domain/limit-rule.ts'
import type { BucketGauge } from '#core/domain/rate-bucket.ts'
import type { Soon } from '#core/domain/soon.ts'

/** The limits of one level (a user, a key, a model) in one window, for one request. */
export interface BucketLevel extends LimitAmounts {
  readonly level: LimitLevel
  readonly window: LimitWindow
  readonly windowMs: number
  /** Unique over all levels, windows and tenants: `user:acme/ann`. */
  readonly key: string
}

export interface BucketAsk {
  readonly levels: readonly BucketLevel[]
  readonly tokens: number
  readonly nowMs: number
  readonly asker?: BucketAsker | undefined
}

/** Who asks, for stores that lie on several servers, and that take the two steps of one request as one. */
export interface BucketAsker {
  readonly requestId: string
  readonly tenantId: string
}

export type BucketAnswer = BucketTaken | BucketRefusal

export interface BucketTaken {
  readonly isTaken: true
  /** The levels that were taken from, as `giveBack` needs them. */
  readonly levels: readonly BucketLevel[]
  /** What was taken of the token limits. A level whose whole limit is smaller gave its whole limit. */
  readonly tokens: number
  /** Names the place among concurrent requests, in stores that several processes share. */
  readonly slotId: string | undefined
  /** The gauges with the smallest share left. */
  readonly requests: BucketGauge | undefined
  readonly tokensLeft: BucketGauge | undefined
  /** As it was asked. */
  readonly asker?: BucketAsker | undefined
  /** Taken from this instance's own share, while the shared store was away. */
  readonly isOwnShare?: true
}

export interface BucketRefusal {
  readonly isTaken: false
  readonly level: LimitLevel
  readonly window: LimitWindow
  readonly measure: 'requests' | 'tokens' | 'concurrency'
  readonly limit: number
  /** When the same ask may succeed; undefined when only the end of another request can tell. */
  readonly retryAfterMs: number | undefined
}

/** Throws `store_unavailable` when the store cannot be reached. */
export interface Buckets {
  /** Takes one request, the tokens and one place at every level, or nothing at all. */
  take(ask: BucketAsk): Soon<BucketAnswer>
  /** Gives the places back and books the tokens that were really used, more or fewer than were taken. */
  giveBack(taken: BucketTaken, tokensUsed: number, nowMs: number): Soon<void>
}
