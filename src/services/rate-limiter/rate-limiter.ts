/** The rate limiter: requests and tokens per minute and requests at once, for user, key and tenant in one step. */
import type { Caller, CallerLimits } from '#core/domain/caller.ts'
import type { Clock } from '#core/domain/clock.ts'
import { Problem } from '#core/domain/problem.ts'
import type { BucketGauge } from '#core/domain/rate-bucket.ts'
import type { Soon } from '#core/domain/soon.ts'
import type {
  BucketAnswer,
  BucketLevel,
  BucketRefusal,
  Buckets,
  BucketTaken,
} from '#services/rate-limiter/buckets.ts'

export interface RateLimiterSettings {
  readonly perUser: CallerLimits
  /** For keys whose own limits say nothing. */
  readonly perKey: CallerLimits
  readonly perTenant: CallerLimits
}

export interface LimitNeed {
  readonly caller: Caller
  readonly userId: string | undefined
  /** Input estimate and output cap together. */
  readonly tokens: number
}

export interface LimitPermit {
  /** The tightest limits that apply, for the caller's headers; undefined when none do. */
  readonly state: LimitState | undefined
  /** Gives the place back and books the tokens that were really used (0 when nobody was asked). Once; later calls do nothing. */
  release(tokensUsed: number): void
}

export interface LimitState {
  readonly requests: BucketGauge | undefined
  readonly tokens: BucketGauge | undefined
}

export interface RateLimiter {
  /** Throws `rate_limited`, `too_many_concurrent`, `store_unavailable`, having taken nothing. */
  take(need: LimitNeed): Soon<LimitPermit>
  /** Takes new settings for everything that comes after. */
  apply(settings: RateLimiterSettings): void
}

export interface RateLimiterPorts {
  readonly buckets: Buckets
  readonly clock: Clock
  /** Told when a place could not be given back; the store frees it by itself in time. */
  readonly report: (failure: unknown, place: string) => void
}

/** A full answer for those whom no limit binds: nothing to count, nothing to give back. */
const freePass: LimitPermit = { state: undefined, release: () => undefined }
/** How long a caller waits who is told that all its places are taken. */
const placeRetryMs = 1_000

export function createRateLimiter(ports: RateLimiterPorts, settings: RateLimiterSettings): RateLimiter {
  let current = settings
  const { buckets, clock } = ports
  return {
    take(need) {
      const levels = levelsOf(current, need)
      if (levels.length === 0) return freePass
      const answer = buckets.take({ levels, tokens: Math.ceil(need.tokens), nowMs: clock.monotonicMs() })
      const finish = (given: BucketAnswer) => permitOf(ports, given)
      return answer instanceof Promise ? answer.then(finish) : finish(answer)
    },
    apply(next) {
      current = next
    },
  }
}

function permitOf({ buckets, clock, report }: RateLimiterPorts, answer: BucketAnswer): LimitPermit {
  if (!answer.isTaken) throw limitProblem(answer)
  let taken: BucketTaken | undefined = answer
  return {
    state: { requests: answer.requests, tokens: answer.tokensLeft },
    release(tokensUsed) {
      if (!taken) return
      const given = buckets.giveBack(taken, tokensUsed, clock.monotonicMs())
      taken = undefined
      if (given instanceof Promise) {
        given.catch((failure: unknown) => report(failure, 'giving back a place among concurrent requests'))
      }
    },
  }
}

function levelsOf(settings: RateLimiterSettings, { caller, userId }: LimitNeed): readonly BucketLevel[] {
  const levels: BucketLevel[] = []
  const { perUser, perKey, perTenant } = settings
  if (userId !== undefined && hasLimit(perUser)) {
    levels.push(levelOf('user', `user:${caller.tenantId}/${userId}`, perUser))
  }
  const own = caller.limits
  if (own || hasLimit(perKey)) {
    levels.push(levelOf('key', `key:${caller.keyId}`, own ? { ...perKey, ...stated(own) } : perKey))
  }
  if (hasLimit(perTenant)) levels.push(levelOf('tenant', `tenant:${caller.tenantId}`, perTenant))
  return levels
}

function levelOf(level: BucketLevel['level'], key: string, limits: CallerLimits): BucketLevel {
  return {
    level,
    key,
    requestsPerMinute: limits.requestsPerMinute,
    tokensPerMinute: limits.tokensPerMinute,
    concurrentRequests: limits.concurrentRequests,
  }
}

function hasLimit(limits: CallerLimits): boolean {
  return (
    limits.requestsPerMinute !== undefined ||
    limits.tokensPerMinute !== undefined ||
    limits.concurrentRequests !== undefined
  )
}

/** A key's own limits without those that it leaves out, so that spreading them keeps the general ones. */
function stated(own: CallerLimits): CallerLimits {
  return {
    ...(own.requestsPerMinute === undefined ? {} : { requestsPerMinute: own.requestsPerMinute }),
    ...(own.tokensPerMinute === undefined ? {} : { tokensPerMinute: own.tokensPerMinute }),
    ...(own.concurrentRequests === undefined ? {} : { concurrentRequests: own.concurrentRequests }),
  }
}

function limitProblem({ level, measure, limit, retryAfterMs }: BucketRefusal): Problem {
  const facts = { level, measure, limit }
  if (measure === 'concurrency') {
    return new Problem('too_many_concurrent', {
      detail: `This ${level} may have ${limit} requests running at once, and they all are.`,
      retryAfterMs: retryAfterMs ?? placeRetryMs,
      facts,
    })
  }
  return new Problem('rate_limited', {
    detail: `This ${level} may use ${limit} ${measure} per minute, and they are used up.`,
    retryAfterMs,
    facts,
  })
}
