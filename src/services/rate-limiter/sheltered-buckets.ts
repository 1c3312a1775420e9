/** Shared buckets with a shelter: while their store is away, this instance counts its own share of each limit by itself. */
import type { Clock } from '#core/domain/clock.ts'
import { Problem } from '#core/domain/problem.ts'
import type { BucketAnswer, BucketAsk, BucketLevel, Buckets } from '#services/rate-limiter/buckets.ts'

export interface ShelterPorts {
  readonly shared: Buckets
  /** In memory: never away. */
  readonly own: Buckets
  readonly clock: Clock
  /** How many instances divide a limit between them. */
  readonly instances: () => number
}

/** After a failure the store is left alone for this long. */
const shelterMs = 1_000

export function createShelteredBuckets({ shared, own, clock, instances }: ShelterPorts): Buckets {
  let sheltersUntilMs = Number.NEGATIVE_INFINITY

  async function takeOwn(ask: BucketAsk): Promise<BucketAnswer> {
    const share = Math.max(1, instances())
    const answer = await own.take({ ...ask, levels: ask.levels.map((level) => shareOf(level, share)) })
    return answer.isTaken ? { ...answer, isOwnShare: true } : answer
  }

  return {
    async take(ask) {
      if (clock.monotonicMs() < sheltersUntilMs) return takeOwn(ask)
      try {
        return await shared.take(ask)
      } catch (failure) {
        if (!(failure instanceof Problem) || failure.code !== 'store_unavailable') throw failure
        sheltersUntilMs = clock.monotonicMs() + shelterMs
        return takeOwn(ask)
      }
    },
    giveBack(taken, tokensUsed, nowMs) {
      return (taken.isOwnShare ? own : shared).giveBack(taken, tokensUsed, nowMs)
    },
  }
}

function shareOf(level: BucketLevel, instances: number): BucketLevel {
  const part = (limit: number | undefined) => (limit === undefined ? undefined : Math.ceil(limit / instances))
  return {
    ...level,
    requests: part(level.requests),
    tokens: part(level.tokens),
    concurrentRequests: part(level.concurrentRequests),
  }
}
