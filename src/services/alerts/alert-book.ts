/** The port of the alert book: what was told already, at whichever instance, and what is still to be delivered. */
import type { Soon } from '#core/domain/soon.ts'

/** One mark of one budget in one window. */
export interface Claim {
  /** The ledger's name of the budget: `user:acme/ann`. */
  readonly counter: string
  readonly windowId: string
  readonly mark: string
  /** The limit at which it was passed. */
  readonly limitNanoUsd: number
  readonly alertId: string
  /** The alert itself as text, kept for its deliveries. */
  readonly alert: string
  readonly claimedAtMs: number
  /** From then on it is not delivered any more. */
  readonly endsAtMs: number
  /** When the claim itself may be forgotten; undefined is never, as the window never ends. */
  readonly forgottenAtMs: number | undefined
  /** Who is told of a mark that is passed for the first time in its window. */
  readonly destinations: readonly string[]
  /** Who is told of a mark that was told of before, at a lower limit. */
  readonly destinationsAgain: readonly string[]
}

/** `first`: nobody had claimed it. `again`: at a lower limit only. `known`: at this limit or a higher one. */
export type ClaimAnswer = 'first' | 'again' | 'known'

export interface Delivery {
  readonly alertId: string
  readonly destination: string
  readonly alert: string
  /** How often it was tried before. */
  readonly failures: number
}

export interface TakeTerms {
  readonly destination: string
  readonly nowMs: number
  /** Until then nobody else takes it; after that the taker counts as gone. */
  readonly heldUntilMs: number
}

export interface WaitingDeliveries {
  readonly destination: string
  readonly count: number
  /** Of the longest waiting one. */
  readonly claimedAtMs: number
  /** Of the one that failed most often; undefined when none was tried yet. */
  readonly failure: string | undefined
  readonly failures: number
}

/** Each function throws `store_unavailable` when the store cannot be reached; nothing has changed then. */
export interface AlertBook {
  /** Exactly one of all who claim the same at the same limit hears `first` or `again`; its deliveries wait from then on. */
  claim(claim: Claim): Soon<ClaimAnswer>
  /** The delivery that is due and has waited longest, for the taker alone; undefined when none is. */
  take(terms: TakeTerms): Soon<Delivery | undefined>
  /** It was delivered. */
  finish(alertId: string, destination: string): Soon<void>
  /** It failed and is due again at a later moment. Without a failure it was given back untried. */
  postpone(delivery: Delivery, dueAtMs: number, failure: string | undefined): Soon<void>
  /** What waits, by destination in the order of their names. */
  waiting(nowMs: number): Soon<readonly WaitingDeliveries[]>
  /** Forgets claims and deliveries that have ended. Returns how many deliveries were never made. */
  prune(nowMs: number): Soon<number>
}
