/** The port of an instance's own book: what it may have spent, written down at home before anything is asked or told. */
import type { Balance, HoldAnswer, HoldAsk, Settlement } from '#core/domain/ledger-hold.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Part } from '#services/budget-manager/shared-ledger/shelf.ts'

/**
 * A ledger of one instance, without limits. A hold in it is an intent: a provider is about to be asked. At its next
 * start, every hold that was not settled is charged in full. Memory changes before a function returns, the disk before
 * its promise resolves.
 */
export interface OwnBook {
  extend(ask: HoldAsk): Soon<HoldAnswer>
  settle(holdId: string, spent: NanoUsd): Soon<Settlement>
  balances(counters: ReadonlyArray<{ readonly scope: string; readonly window: string }>): readonly Balance[]
  /** Every counter that anything was charged on and whose window ends after a moment. Throws `store_unavailable`. */
  parts(endingAfterMs: number): readonly Part[]
  /** Forgets windows that have ended. */
  expire(nowMs: number): Soon<number>
}

/** Copies of every instance's parts where they outlive its disk. Each function throws `store_unavailable`. */
export interface PartCopies {
  /** Keeps the larger of what is known and what is given. */
  save(instance: string, parts: readonly Part[]): Promise<void>
  /** The parts of all other instances than these, whose windows end after a moment. */
  others(than: readonly string[], endingAfterMs: number): Promise<ReadonlyMap<string, readonly Part[]>>
}
