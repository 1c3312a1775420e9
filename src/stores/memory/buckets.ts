/**
 * The buckets in memory. Rates follow the generic cell rate algorithm: a bucket holds a window's worth, refills evenly,
 * and is one number, the moment at which it will be full again. Buckets that are full and idle are dropped.
 */
import { gaugeOf, tighter } from '#core/domain/rate-bucket.ts'
import type { BucketGauge } from '#core/domain/rate-bucket.ts'
import type {
  BucketAnswer,
  BucketAsk,
  BucketLevel,
  BucketRefusal,
  Buckets,
} from '#services/rate-limiter/buckets.ts'

interface Bucket {
  requestsFullAtMs: number
  tokensFullAtMs: number
  running: number
}

const untouched: Readonly<Bucket> = { requestsFullAtMs: 0, tokensFullAtMs: 0, running: 0 }
/** Old buckets looked at for each new one: more than one, so that idle buckets go faster than new ones come. */
const lookedAtPerNew = 4

export interface MemoryBuckets extends Buckets {
  /** Buckets in memory at this moment. */
  readonly size: () => number
}

export function createMemoryBuckets(): MemoryBuckets {
  const buckets = new Map<string, Bucket>()
  let hand = buckets.entries()

  const dropIdle = (nowMs: number) => {
    for (let i = 0; i < lookedAtPerNew; i += 1) {
      const next = hand.next()
      if (next.done) {
        hand = buckets.entries()
        return
      }
      const [key, bucket] = next.value
      const isFull = bucket.requestsFullAtMs <= nowMs && bucket.tokensFullAtMs <= nowMs
      if (bucket.running === 0 && isFull) buckets.delete(key)
    }
  }
  const bucketOf = (key: string, nowMs: number): Bucket => {
    let bucket = buckets.get(key)
    if (!bucket) {
      dropIdle(nowMs)
      bucket = { requestsFullAtMs: 0, tokensFullAtMs: 0, running: 0 }
      buckets.set(key, bucket)
    }
    return bucket
  }

  return {
    take(ask) {
      const { levels, tokens, nowMs } = ask
      for (const level of levels) {
        const refusal = refusalOf(level, buckets.get(level.key) ?? untouched, ask)
        if (refusal) return refusal
      }
      for (const level of levels) takeFrom(bucketOf(level.key, nowMs), level, ask)
      return takenFrom(buckets, { levels, tokens, nowMs })
    },
    giveBack({ levels, tokens }, tokensUsed, nowMs) {
      for (const level of levels) {
        const bucket = buckets.get(level.key)
        if (!bucket) continue
        bucket.running -= 1
        if (level.tokens === undefined) continue
        const difference = tokensUsed - Math.min(tokens, level.tokens)
        const shiftMs = (difference * level.windowMs) / level.tokens
        // Overuse counts from now; unused tokens only shorten what is still owed.
        bucket.tokensFullAtMs =
          shiftMs > 0 ? Math.max(bucket.tokensFullAtMs, nowMs) + shiftMs : bucket.tokensFullAtMs + shiftMs
      }
    },
    size: () => buckets.size,
  }
}

function refusalOf(level: BucketLevel, bucket: Readonly<Bucket>, ask: BucketAsk): BucketRefusal | undefined {
  const { requests, tokens, concurrentRequests, windowMs } = level
  const refuse = (measure: BucketRefusal['measure'], limit: number, retryAfterMs: number | undefined) =>
    ({ isTaken: false, level: level.level, window: level.window, measure, limit, retryAfterMs }) as const
  if (concurrentRequests !== undefined && bucket.running >= concurrentRequests) {
    return refuse('concurrency', concurrentRequests, undefined)
  }
  if (requests !== undefined) {
    if (requests < 1) return refuse('requests', requests, undefined)
    const neededMs = windowMs / requests
    const waitMs = waitFor({ fullAtMs: bucket.requestsFullAtMs, neededMs, windowMs, nowMs: ask.nowMs })
    if (waitMs > 0) return refuse('requests', requests, waitMs)
  }
  if (tokens !== undefined) {
    if (tokens < 1) return refuse('tokens', tokens, undefined)
    const neededMs = (Math.min(ask.tokens, tokens) / tokens) * windowMs
    const waitMs = waitFor({ fullAtMs: bucket.tokensFullAtMs, neededMs, windowMs, nowMs: ask.nowMs })
    if (waitMs > 0) return refuse('tokens', tokens, waitMs)
  }
  return undefined
}

interface BucketWish {
  readonly fullAtMs: number
  /** What is asked for, as the time that it takes to refill. */
  readonly neededMs: number
  readonly windowMs: number
  readonly nowMs: number
}

/** How long until a bucket holds what is asked for; 0 when it does now. */
function waitFor({ fullAtMs, neededMs, windowMs, nowMs }: BucketWish): number {
  const waitMs = Math.max(fullAtMs, nowMs) + neededMs - nowMs - windowMs
  // Sums of fractions of a window may pass it by less than anyone could notice.
  return waitMs < 0.001 ? 0 : Math.ceil(waitMs)
}

function takeFrom(bucket: Bucket, level: BucketLevel, ask: BucketAsk): void {
  const { requests, tokens, windowMs } = level
  bucket.running += 1
  if (requests !== undefined) {
    bucket.requestsFullAtMs = Math.max(bucket.requestsFullAtMs, ask.nowMs) + windowMs / requests
  }
  if (tokens !== undefined) {
    const share = Math.min(ask.tokens, tokens) / tokens
    bucket.tokensFullAtMs = Math.max(bucket.tokensFullAtMs, ask.nowMs) + share * windowMs
  }
}

function takenFrom(buckets: ReadonlyMap<string, Bucket>, { levels, tokens, nowMs }: BucketAsk): BucketAnswer {
  let requests: BucketGauge | undefined
  let tokensLeft: BucketGauge | undefined
  for (const level of levels) {
    const bucket = buckets.get(level.key)
    if (!bucket) continue
    if (level.requests !== undefined) {
      requests = tighter(requests, gaugeOf(level.requests, level.windowMs, bucket.requestsFullAtMs - nowMs))
    }
    if (level.tokens !== undefined) {
      tokensLeft = tighter(tokensLeft, gaugeOf(level.tokens, level.windowMs, bucket.tokensFullAtMs - nowMs))
    }
  }
  return { isTaken: true, levels, tokens, slotId: undefined, requests, tokensLeft }
}
