/** The port of the ledger: where money is held and charged, atomically over every counter of a request. */
import type { Balance, Correction, HoldAnswer, HoldAsk, Settlement } from '#core/domain/ledger-hold.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Soon } from '#core/domain/soon.ts'

/**
 * Every answer is durable, as far as the store is durable at all, before it is given: money that is held may be spent.
 * Throws `store_unavailable` when the store cannot be reached; nothing has changed then.
 */
export interface Ledger {
  /** Holds money on every counter or on none. Asking again with the id of an open hold answers as the first time. */
  reserve(ask: HoldAsk): Soon<HoldAnswer>
  /**
   * Refits an open hold to other counters, a larger amount and a later end; it gets smaller only where a counter has
   * no more. The old hold stands when the answer is no. An id that is not open is reserved anew.
   */
  extend(ask: HoldAsk): Soon<HoldAnswer>
  /**
   * A provider is about to be asked for money of this hold: writes that down where the ledger's own hold does not say
   * it, and makes sure that the hold still counts. To be called before every attempt; a ledger without it has nothing
   * more to write. Throws `store_unavailable`; then nothing may be sent.
   */
  dispatch?(holdId: string): Soon<void>
  /** Charges what was spent and gives the rest of the hold back. Idempotent: a hold is charged once. */
  settle(holdId: string, spent: NanoUsd): Soon<Settlement>
  /** What the counters stand at, in the order asked for; a counter that nobody used is all zeros. */
  balances(
    counters: ReadonlyArray<{ readonly scope: string; readonly window: string }>,
  ): Soon<readonly Balance[]>
  /**
   * Books what all corrections of a counter come to in place of what they came to before, as if it had been charged.
   * Saying the same again changes nothing. Returns by how much the counter changed.
   */
  correct(correction: Correction): Soon<NanoUsd>
  /** Charges every hold whose end has passed at its full amount, flagged as estimated. Returns how many. */
  expire(nowMs: number): Soon<number>
}
