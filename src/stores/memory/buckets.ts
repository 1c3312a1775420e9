/**
 * The buckets in memory. Rates follow the generic cell rate algorithm: a bucket holds a minute's worth, refills evenly,
 * and is one number, the moment at which it will be full again. Buckets that are full and idle are dropped.
 */
import { gaugeOf, minuteMs, tighter } from '#core/domain/rate-bucket.ts'
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
        if (level.tokensPerMinute === undefined) continue
        const difference = tokensUsed - Math.min(tokens, level.tokensPerMinute)
        const shiftMs = (difference * minuteMs) / level.tokensPerMinute
        // Overuse counts from now; unused tokens only shorten what is still owed.
        bucket.tokensFullAtMs =
          shiftMs > 0 ? Math.max(bucket.tokensFullAtMs, nowMs) + shiftMs : bucket.tokensFullAtMs + shiftMs
      }
    },
    size: () => buckets.size,
  }
}

function refusalOf(level: BucketLevel, bucket: Readonly<Bucket>, ask: BucketAsk): BucketRefusal | undefined {
  const { requestsPerMinute, tokensPerMinute, concurrentRequests } = level
  const refuse = (measure: BucketRefusal['measure'], limit: number, retryAfterMs: number | undefined) =>
    ({ isTaken: false, level: level.level, measure, limit, retryAfterMs }) as const
  if (concurrentRequests !== undefined && bucket.running >= concurrentRequests) {
    return refuse('concurrency', concurrentRequests, undefined)
  }
  if (requestsPerMinute !== undefined) {
    if (requestsPerMinute < 1) return refuse('requests', requestsPerMinute, undefined)
    const waitMs = waitFor(bucket.requestsFullAtMs, minuteMs / requestsPerMinute, ask.nowMs)
    if (waitMs > 0) return refuse('requests', requestsPerMinute, waitMs)
  }
  if (tokensPerMinute !== undefined) {
    if (tokensPerMinute < 1) return refuse('tokens', tokensPerMinute, undefined)
    const share = Math.min(ask.tokens, tokensPerMinute) / tokensPerMinute
    const waitMs = waitFor(bucket.tokensFullAtMs, share * minuteMs, ask.nowMs)
    if (waitMs > 0) return refuse('tokens', tokensPerMinute, waitMs)
  }
  return undefined
}

/** How long until a bucket holds what is asked for, both as the time that it takes to refill; 0 when it does now. */
function waitFor(fullAtMs: number, neededMs: number, nowMs: number): number {
  const waitMs = Math.max(fullAtMs, nowMs) + neededMs - nowMs - minuteMs
  // Sums of fractions of a minute may pass it by less than anyone could notice.
  return waitMs < 0.001 ? 0 : Math.ceil(waitMs)
}

function takeFrom(bucket: Bucket, level: BucketLevel, ask: BucketAsk): void {
  bucket.running += 1
  if (level.requestsPerMinute !== undefined) {
    bucket.requestsFullAtMs =
      Math.max(bucket.requestsFullAtMs, ask.nowMs) + minuteMs / level.requestsPerMinute
  }
  if (level.tokensPerMinute !== undefined) {
    const share = Math.min(ask.tokens, level.tokensPerMinute) / level.tokensPerMinute
    bucket.tokensFullAtMs = Math.max(bucket.tokensFullAtMs, ask.nowMs) + share * minuteMs
  }
}

function takenFrom(buckets: ReadonlyMap<string, Bucket>, { levels, tokens, nowMs }: BucketAsk): BucketAnswer {
  let requests: BucketGauge | undefined
  let tokensLeft: BucketGauge | undefined
  for (const level of levels) {
    const bucket = buckets.get(level.key)
    if (!bucket) continue
    if (level.requestsPerMinute !== undefined) {
      requests = tighter(requests, gaugeOf(level.requestsPerMinute, bucket.requestsFullAtMs - nowMs))
    }
    if (level.tokensPerMinute !== undefined) {
      tokensLeft = tighter(tokensLeft, gaugeOf(level.tokensPerMinute, bucket.tokensFullAtMs - nowMs))
    }
  }
  return { isTaken: true, levels, tokens, slotId: undefined, requests, tokensLeft }
}
