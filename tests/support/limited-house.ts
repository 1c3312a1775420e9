/** A house for tests of the corridor with the real rate limiter in it, over buckets in memory. */
import { createGateway } from '#core/gateway/gateway.ts'
import type { LimitRule } from '#core/domain/limit-rule.ts'
import type { Target } from '#core/domain/target.ts'
import { createRateLimiter } from '#services/rate-limiter/rate-limiter.ts'
import type { BucketTaken, Buckets } from '#services/rate-limiter/buckets.ts'
import { createMemoryBuckets } from '#stores/memory/buckets.ts'
import { fakeHouse } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-rooms.ts'

export type Amounts = Partial<LimitRule['amounts']>

export const limit = (level: LimitRule['level'], amounts: Amounts, changes: Partial<LimitRule> = {}) => ({
  level,
  id: undefined,
  tenantId: undefined,
  window: 'hour' as const,
  ...changes,
  amounts: { requests: undefined, tokens: undefined, concurrentRequests: undefined, ...amounts },
})

/** `isShared` answers each step a turn of the loop later, as a store that several instances share. */
export function openLimited(
  script: ReadonlyMap<Target, readonly Behaviour[]>,
  rules: readonly LimitRule[],
  isShared = false,
) {
  const house = fakeHouse(script)
  const memory = createMemoryBuckets()
  /** Places that are taken at this moment, by key. */
  const places = new Map<string, number>()
  const count = ({ levels }: Pick<BucketTaken, 'levels'>, change: number) => {
    for (const { key } of levels) places.set(key, (places.get(key) ?? 0) + change)
  }
  const buckets: Buckets = {
    take(ask) {
      const answer = memory.take(ask)
      if (!(answer instanceof Promise) && answer.isTaken) count(answer, 1)
      return isShared ? Promise.resolve(answer) : answer
    },
    giveBack(taken, tokensUsed, nowMs) {
      count(taken, -1)
      return memory.giveBack(taken, tokensUsed, nowMs)
    },
  }
  const rateLimiter = createRateLimiter(
    {
      buckets,
      clock: { nowMs: () => 0, monotonicMs: () => 0 },
      report: (failure, place) => house.rooms.report(failure, place),
    },
    { perUser: {}, perKey: {}, perTenant: {}, rules },
  )
  return {
    ...house,
    gateway: createGateway({ ...house.rooms, rateLimiter }),
    /** Of those that are taken. */
    places: () => Object.fromEntries([...places].filter(([, taken]) => taken !== 0)),
  }
}
