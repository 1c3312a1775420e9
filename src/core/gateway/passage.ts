/** A request's passage: everything that it holds and everything that it came to, from the door to the ledger. */
import type { Caller } from '#core/domain/caller.ts'
import { zeroUsd } from '#core/domain/money.ts'
import { estimateInput } from '#core/domain/estimate.ts'
import type { TokenEstimate } from '#core/domain/estimate.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Asked, Receipt } from '#core/gateway/asked.ts'
import type { Reservation } from '#services/budget-manager/budget-manager.ts'
import type { LimitPermit } from '#services/rate-limiter/rate-limiter.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'
import type { RoutingChoice } from '#services/routing-engine/routing-wish.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

export interface Passage {
  readonly caller: Caller
  readonly asked: Asked
  /** Whose budget and limits apply: the key's own user, or the one that the request names. */
  readonly userId: string | undefined
  readonly estimate: TokenEstimate
  readonly receipt: Writable<Receipt>
  permit: LimitPermit | undefined
  reservation: Reservation | undefined
  /** Time spent waiting for providers. */
  upstreamMs: number
  /** From the start of the request to the first content, once there is some. */
  firstTokenMs: number | null
  isClosed: boolean
}

/** A passage that the guard let through. */
export interface Guarded {
  readonly passage: Passage
}

/** A passage with its way decided and its money held: the only thing that may be executed. */
export interface Plan extends Guarded {
  readonly kind: 'ask'
  readonly choice: RoutingChoice
  readonly cacheKey: string | undefined
}

/** A passage whose answer is known already. */
export interface KnownPlan extends Guarded {
  readonly kind: 'known'
  readonly known: KnownAnswer
}

export function openPassage(caller: Caller, asked: Asked): Passage {
  return {
    caller,
    asked,
    userId: caller.userId ?? asked.userId,
    estimate: estimateInput(asked.question),
    permit: undefined,
    reservation: undefined,
    upstreamMs: 0,
    firstTokenMs: null,
    isClosed: false,
    receipt: {
      requestId: asked.requestId,
      provider: '',
      model: '',
      route: '',
      routeReason: '',
      isSimulated: false,
      cache: 'off',
      attempts: 0,
      usage: unknownUsage,
      costNanoUsd: zeroUsd,
      isEstimated: false,
      latencyMs: 0,
      overheadMs: 0,
      limits: undefined,
      dropped: [],
    },
  }
}
