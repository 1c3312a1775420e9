/** The words of holding money: what is asked of a ledger and what it answers. */
import type { NanoUsd } from '#core/domain/money.ts'

/** One counter that a hold touches: a scope (`user:acme/ann`) in one window of time (`2026-11`). */
export interface HoldScope {
  readonly scope: string
  readonly window: string
  /** Settled and reserved money together never pass this; undefined counts without refusing. */
  readonly limit: NanoUsd | undefined
  readonly resetsAtMs: number | undefined
  /**
   * Windows before this one whose money counts against the limit as well: the earlier parts of a rolling window. Money
   * is held and charged in `window` alone.
   */
  readonly earlier?: readonly WindowPart[] | undefined
}

/** One part of a rolling window, and when nothing counts it any more. */
export interface WindowPart {
  readonly window: string
  readonly resetsAtMs: number
}

export interface HoldAsk {
  readonly holdId: string
  readonly amount: NanoUsd
  /** When less than `amount` is left, what is left is held instead, unless it is less than this. */
  readonly amountLeast: NanoUsd
  readonly scopes: readonly HoldScope[]
  /** From then on the holder counts as gone, and the hold is charged in full. */
  readonly expiresAtMs: number
}

export type HoldAnswer =
  | { readonly isHeld: true; readonly amount: NanoUsd }
  | ({ readonly isHeld: false } & Shortage)

/** The counter that had the least left, as it stood; of a rolling window, all of its parts together. */
export interface Shortage {
  readonly scope: string
  readonly window: string
  readonly limit: NanoUsd
  readonly settled: NanoUsd
  readonly reserved: NanoUsd
  readonly resetsAtMs: number | undefined
}

/**
 * `settled` closed an open hold; `late` corrected a hold that had expired and been charged in full;
 * `unknown` changed nothing: the hold was settled before, or never was.
 */
export interface Settlement {
  readonly kind: 'settled' | 'late' | 'unknown'
  /** How far the charge went past the hold; 0 when it stayed within. */
  readonly overUse: NanoUsd
}

export interface Balance {
  readonly scope: string
  readonly window: string
  readonly settled: NanoUsd
  readonly reserved: NanoUsd
  /** The part of `settled` that stands for holds that expired: an upper bound, not a bill. */
  readonly estimated: NanoUsd
}

/** What a counter is to stand at beside what was charged on it: all corrections of it together, above or below 0. */
export interface Correction extends Pick<HoldScope, 'scope' | 'window' | 'resetsAtMs'> {
  readonly total: NanoUsd
}

/** A hold as a store writes it down. */
export interface HoldRecord {
  readonly holdId: string
  readonly amount: NanoUsd
  readonly expiresAtMs: number
  readonly scopes: ReadonlyArray<Pick<HoldScope, 'scope' | 'window' | 'resetsAtMs'>>
}
