/**
 * The buckets in Redis: every instance takes from the same ones, one script and one round trip for each step. Times are
 * the server's own, so that instances whose clocks differ agree. A place that was never given back, because its
 * instance is gone, is free again when its lease ends.
 */
import { gaugeOf, tighter } from '#core/domain/rate-bucket.ts'
import type { BucketGauge } from '#core/domain/rate-bucket.ts'
import { Problem } from '#core/domain/problem.ts'
import type { BucketAnswer, BucketAsk, BucketLevel, Buckets } from '#services/rate-limiter/buckets.ts'
import { giveBackScript, takeScript } from '#stores/redis/bucket-scripts.ts'
import type { RedisArgument, RedisConnection } from '#stores/redis/connection.ts'
import { createScript } from '#stores/redis/script.ts'

export interface RedisBucketsSettings {
  /** Stands before every key, so that several gateways can share a server. */
  readonly keyPrefix: string
  /** Longer than the longest request. */
  readonly placeLeaseMs: number
  /** `server` in earnest; `caller` believes the moments that are asked with, which tests need. */
  readonly timeSource: 'server' | 'caller'
}

export interface RedisBucketsPorts {
  readonly connection: RedisConnection
  readonly uniqueId: () => string
}

const measures = ['requests', 'tokens', 'concurrency'] as const

export function createRedisBuckets(
  { connection, uniqueId }: RedisBucketsPorts,
  { keyPrefix, placeLeaseMs, timeSource }: RedisBucketsSettings,
): Buckets {
  const runTake = createScript(connection, takeScript)
  const runGiveBack = createScript(connection, giveBackScript)
  const tag = `{${keyPrefix}:limits}`
  const keysOf = (levels: readonly BucketLevel[]) =>
    levels.flatMap(({ key }) => [`${tag}:rate:${key}`, `${tag}:places:${key}`])
  const moment = (nowMs: number) => (timeSource === 'caller' ? nowMs : -1)

  return {
    async take(ask) {
      const slotId = uniqueId()
      const args: RedisArgument[] = [moment(ask.nowMs), ask.tokens, slotId, placeLeaseMs]
      for (const { windowMs, requests, tokens, concurrentRequests } of ask.levels) {
        args.push(windowMs, requests ?? -1, tokens ?? -1, concurrentRequests ?? -1)
      }
      return answerOf(await runTake({ keys: keysOf(ask.levels), args }), ask, slotId)
    },
    async giveBack({ levels, tokens: taken, slotId }, tokensUsed, nowMs) {
      const args: RedisArgument[] = [moment(nowMs), taken, tokensUsed, slotId ?? '']
      for (const { windowMs, tokens } of levels) args.push(windowMs, tokens ?? -1)
      await runGiveBack({ keys: keysOf(levels), args })
    },
  }
}

function answerOf(answer: unknown, { levels, tokens }: BucketAsk, slotId: string): BucketAnswer {
  if (!Array.isArray(answer)) throw misunderstood()
  const [isTaken, ...rest] = answer.map(Number)
  if (isTaken !== 1) return refusalOf(levels, rest)
  let requests: BucketGauge | undefined
  let tokensLeft: BucketGauge | undefined
  for (const [position, { windowMs, ...most }] of levels.entries()) {
    const requestsOwedMs = rest[position * 2] ?? 0
    const tokensOwedMs = rest[position * 2 + 1] ?? 0
    if (most.requests !== undefined)
      requests = tighter(requests, gaugeOf(most.requests, windowMs, requestsOwedMs))
    if (most.tokens !== undefined)
      tokensLeft = tighter(tokensLeft, gaugeOf(most.tokens, windowMs, tokensOwedMs))
  }
  return { isTaken: true, levels, tokens, slotId, requests, tokensLeft }
}

function refusalOf(
  levels: readonly BucketLevel[],
  [position = -1, what = -1, waitMs = -1]: number[],
): BucketAnswer {
  const level = levels[position]
  const measure = measures[what]
  if (!level || !measure) throw misunderstood()
  const limits = [level.requests, level.tokens, level.concurrentRequests]
  return {
    isTaken: false,
    level: level.level,
    window: level.window,
    measure,
    limit: limits[what] ?? 0,
    retryAfterMs: waitMs < 0 ? undefined : Math.ceil(waitMs),
  }
}

const misunderstood = () =>
  new Problem('store_unavailable', { detail: 'Redis gave an answer that the limits do not understand.' })
