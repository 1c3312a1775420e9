/** The rate limiter: requests, tokens and requests at once, in every window and at every level in one step. */
import type { Clock } from '#core/domain/clock.ts'
import { Problem } from '#core/domain/problem.ts'
import type { BucketGauge } from '#core/domain/rate-bucket.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Target } from '#core/domain/target.ts'
import type {
  BucketAnswer,
  BucketAsker,
  BucketRefusal,
  Buckets,
  BucketTaken,
} from '#services/rate-limiter/buckets.ts'
import { createLevelsOf } from '#services/rate-limiter/limit-levels.ts'
import type { LevelsOf, LimitSubject, RateLimiterSettings } from '#services/rate-limiter/limit-levels.ts'

export interface LimitNeed extends LimitSubject {
  /** Input estimate and output cap together. */
  readonly tokens: number
  /** Who is asked first. */
  readonly target: Target
  /** Tells the store which money is asked for in the same step. */
  readonly requestId?: string | undefined
}

export interface LimitPermit {
  /** The tightest limits that apply, for the caller's headers; undefined when none do. */
  readonly state: LimitState | undefined
  /** For another target than before: leaves its limits and takes this one's. Throws as `take` does, having left. */
  moveTo(target: Target): Soon<void>
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
const freePass: LimitPermit = { state: undefined, moveTo: () => undefined, release: () => undefined }
/** How long a caller waits who is told that all its places are taken. */
const placeRetryMs = 1_000

export function createRateLimiter(ports: RateLimiterPorts, settings: RateLimiterSettings): RateLimiter {
  let levelsOf = createLevelsOf(settings)
  const { buckets, clock } = ports
  return {
    take(need) {
      const ofCaller = levelsOf.ofCaller(need)
      const ofTarget = levelsOf.ofTarget(need.target)
      if (ofCaller.length === 0 && !levelsOf.limitsTargets) return freePass
      const tokens = Math.ceil(need.tokens)
      const { requestId, caller } = need
      const asker = requestId === undefined ? undefined : { requestId, tenantId: caller.tenantId }
      const opened = { tokens, ofCaller: ofCaller.length, levelsOf, asker }
      const levels = ofTarget.length === 0 ? ofCaller : [...ofCaller, ...ofTarget]
      if (levels.length === 0) return new Permit(ports, opened, undefined)
      const answer = buckets.take({ levels, tokens, nowMs: clock.monotonicMs(), asker })
      const finish = (given: BucketAnswer) => new Permit(ports, opened, takenOf(given))
      return answer instanceof Promise ? answer.then(finish) : finish(answer)
    },
    apply(next) {
      levelsOf = createLevelsOf(next)
    },
  }
}

/** Throws what a refusal means. */
function takenOf(answer: BucketAnswer): BucketTaken {
  if (answer.isTaken) return answer
  throw limitProblem(answer)
}

interface PermitTerms {
  readonly tokens: number
  /** How many of the levels taken first are the caller's; the rest are the target's. */
  readonly ofCaller: number
  readonly levelsOf: LevelsOf
  readonly asker: BucketAsker | undefined
}

/** A class, because each request has one and a function for each of its members costs more than what they do. */
class Permit implements LimitPermit {
  readonly state: LimitState | undefined
  readonly #ports: RateLimiterPorts
  readonly #terms: PermitTerms
  readonly #first: BucketTaken | undefined
  /** What is to be given back: everything as it was taken, or the caller's part and the last target's. */
  #held: readonly BucketTaken[]
  #isReleased = false

  constructor(ports: RateLimiterPorts, terms: PermitTerms, first: BucketTaken | undefined) {
    this.state = first && { requests: first.requests, tokens: first.tokensLeft }
    this.#ports = ports
    this.#terms = terms
    this.#first = first
    this.#held = first ? [first] : []
  }

  moveTo(target: Target): Soon<void> {
    const { levelsOf, tokens, asker } = this.#terms
    if (!levelsOf.limitsTargets || this.#isReleased) return undefined
    this.#leaveTarget()
    const levels = levelsOf.ofTarget(target)
    if (levels.length === 0) return undefined
    const { buckets, clock } = this.#ports
    const answer = buckets.take({ levels, tokens, nowMs: clock.monotonicMs(), asker })
    if (answer instanceof Promise) return answer.then((given) => this.#enter(given))
    return this.#enter(answer)
  }

  release(tokensUsed: number): void {
    this.#isReleased = true
    for (const taken of this.#held) this.#giveBack(taken, tokensUsed)
    this.#held = []
  }

  #enter(answer: BucketAnswer): void {
    const taken = takenOf(answer)
    if (this.#isReleased) this.#giveBack(taken, 0)
    else this.#held = [...this.#held, taken]
  }

  #leaveTarget(): void {
    const [whole, own] = this.#held
    if (own) this.#giveBack(own, 0)
    const cut = whole && whole === this.#first ? this.#terms.ofCaller : (whole?.levels.length ?? 0)
    if (whole && cut < whole.levels.length) this.#giveBack({ ...whole, levels: whole.levels.slice(cut) }, 0)
    this.#held = whole && cut > 0 ? [{ ...whole, levels: whole.levels.slice(0, cut) }] : []
  }

  #giveBack(taken: BucketTaken, tokensUsed: number): void {
    const { buckets, clock, report } = this.#ports
    const given = buckets.giveBack(taken, tokensUsed, clock.monotonicMs())
    if (given instanceof Promise) {
      given.catch((failure: unknown) => report(failure, 'giving back a place among concurrent requests'))
    }
  }
}

function limitProblem({ level, window, measure, limit, retryAfterMs }: BucketRefusal): Problem {
  const whose = level.replace('_', ' ')
  const facts = { level, measure, limit, ...(measure === 'concurrency' ? {} : { window }) }
  if (measure === 'concurrency') {
    return new Problem('too_many_concurrent', {
      detail: `This ${whose} may have ${limit} requests running at once, and they all are.`,
      retryAfterMs: retryAfterMs ?? placeRetryMs,
      facts,
    })
  }
  return new Problem('rate_limited', {
    detail: `This ${whose} may use ${limit} ${measure} per ${window}, and they are used up.`,
    retryAfterMs,
    facts,
  })
}
