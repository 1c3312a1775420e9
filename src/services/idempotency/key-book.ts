/** The port of the book of idempotency keys: who is at work under which key, and how the work ended. Never what was said. */
import type { ProblemCode } from '#core/domain/problem.ts'
import type { Soon } from '#core/domain/soon.ts'

/** One call that holds a key. */
export interface HeldKey {
  /** Tenant, API key and idempotency key together, as `keyName` writes them. */
  readonly name: string
  /** The request that claimed it. */
  readonly requestId: string
}

export interface KeyClaim extends HeldKey {
  readonly fingerprint: string
  readonly nowMs: number
  /** The claim of an instance that stops renewing it ends after this long. */
  readonly leaseMs: number
  /** How long the key and its fingerprint are remembered. */
  readonly rememberMs: number
  /** While another call is at work, the one who asks will look again for so long; 0 when it will not. */
  readonly awaitMs: number
}

export type KeyState =
  | { readonly state: 'granted' }
  /** Another call is at work under this key. */
  | { readonly state: 'running'; readonly requestId: string }
  | { readonly state: 'finished'; readonly outcome: CallOutcome; readonly answer: string | undefined }
  /** The key was used for something else. */
  | { readonly state: 'other-request' }

/** What is remembered of a call that ended and was paid for. */
export interface CallOutcome {
  readonly requestId: string
  readonly status: number
  /** Set when it broke off after something had to be charged. */
  readonly problem: ProblemCode | null
  readonly provider: string
  readonly model: string
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly costNanoUsd: number
}

export interface KeyEnding {
  readonly outcome: CallOutcome
  /** The sealed answer, where answers are kept. */
  readonly answer: { readonly text: string; readonly keepMs: number } | undefined
  /** Writes nothing while somebody waits for the end. */
  readonly unlessAwaited: boolean
  readonly nowMs: number
}

/** Each function throws `store_unavailable` when the store cannot be reached. */
export interface KeyBook {
  /** In one step: grants the key to the first who asks, or after a lease that ended; tells everybody else what is known. */
  claim(claim: KeyClaim): Soon<KeyState>
  /** Lengthens the leases of calls that are still at work. */
  renew(held: readonly HeldKey[], terms: { readonly nowMs: number; readonly leaseMs: number }): Soon<void>
  /**
   * Writes down how a call ended. Does nothing when another call holds the key by now. True when nothing was written
   * because somebody waits.
   */
  finish(held: HeldKey, ending: KeyEnding): Soon<boolean>
  /** Forgets the key, so that the next call under it really asks. Does nothing when another call holds it by now. */
  release(held: HeldKey): Soon<void>
  /** Drops what need not be remembered any more, where the store does not do so by itself. */
  prune(nowMs: number): Soon<void>
}
