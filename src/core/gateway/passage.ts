/** A request's passage: everything that it holds and everything that it came to, from the door to the ledger. */
import type { Caller } from '#core/domain/caller.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { Target } from '#core/domain/target.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Writable } from '#core/domain/writable.ts'
import type { Asked, AskedAnything, Receipt } from '#core/gateway/asked.ts'
import type { Bill } from '#core/gateway/usage-row.ts'
import type { Workload } from '#core/gateway/workload.ts'
import type { BudgetAdvice } from '#services/budget-manager/budget-advice.ts'
import type { Reservation } from '#services/budget-manager/budget-manager.ts'
import type { LimitPermit } from '#services/rate-limiter/rate-limiter.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'
import type { RoutingChoice } from '#services/routing-engine/routing-wish.ts'

export interface Passage<Anything extends AskedAnything = AskedAnything> {
  readonly caller: Caller
  readonly asked: Anything
  /** Whose budget and limits apply: the key's own user, or the one that the request names. */
  readonly userId: string | undefined
  readonly workload: Workload
  /** Wall clock, whole milliseconds: the request's time, by which its price is chosen and its rows are dated. */
  readonly beganAtMs: number
  readonly receipt: Writable<Receipt>
  permit: LimitPermit | undefined
  reservation: Reservation | undefined
  /** What the caller's budgets ask for before they refuse. */
  advice: BudgetAdvice | undefined
  /** Lets those go on who wait for this one's answer in the cache. */
  endTurn: (() => void) | undefined
  /** Time spent waiting for providers. */
  upstreamMs: number
  /** From the start of the request to the first content, once there is some. */
  firstTokenMs: number | null
  /** Of an errand that takes several calls, what is done and will be charged if the caller leaves now. */
  done: DoneWork | undefined
  /** Who has been sent the question and has neither begun to answer nor failed: it may bill what nobody will see. */
  unanswered: Target | undefined
  /** The number of the attempt under way, or of the latest; 0 before the first, and for errands. */
  attempt: number
  /** Tokens that have surely come and are held back from the caller. */
  heldTokens: number
  /** Attempts that are paid for beside the last one: another went on with their answer. */
  readonly parts: PaidPart[]
  isClosed: boolean
}

/** What one attempt used and cost. */
export interface PaidPart extends Bill {
  readonly usage: Usage
}

/** `share` is the part of the whole errand, from 0 to 1. */
export interface DoneWork {
  readonly target: Target
  readonly share: number
}

/** A passage that the guard let through. */
export interface Guarded<Anything extends AskedAnything = AskedAnything> {
  readonly passage: Passage<Anything>
}

/** A passage with its way decided and its money held: the only thing that may be executed. */
export interface Plan<Anything extends AskedAnything = AskedAnything> extends Guarded<Anything> {
  readonly kind: 'ask'
  readonly choice: RoutingChoice
  readonly cacheKey: string | undefined
}

/** A passage whose answer is known already. */
export interface KnownPlan extends Guarded<Asked> {
  readonly kind: 'known'
  readonly known: KnownAnswer
}

export function openPassage<Anything extends AskedAnything>(
  caller: Caller,
  asked: Anything,
  { workload, beganAtMs }: Pick<Passage, 'workload' | 'beganAtMs'>,
): Passage<Anything> {
  return {
    caller,
    asked,
    userId: caller.userId ?? asked.userId,
    workload,
    beganAtMs,
    permit: undefined,
    reservation: undefined,
    advice: undefined,
    endTurn: undefined,
    upstreamMs: 0,
    firstTokenMs: null,
    done: undefined,
    unanswered: undefined,
    attempt: 0,
    heldTokens: 0,
    parts: [],
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
      rescues: 0,
      usage: unknownUsage,
      costNanoUsd: zeroUsd,
      isEstimated: false,
      latencyMs: 0,
      overheadMs: 0,
      queuedMs: 0,
      limits: undefined,
      dropped: [],
    },
  }
}
