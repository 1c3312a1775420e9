/** The port of the limit shelf: budget limits that were set while the gateway runs, beside those of the configuration. */
import type { Soon } from '#core/domain/soon.ts'
import type { BudgetLimit } from '#services/budget-manager/budget-limits.ts'

export interface StoredLimit extends BudgetLimit {
  /** Unique; given when the limit is set. */
  readonly limitId: string
  readonly setAtMs: number
  /** The id of the key that set it. */
  readonly setBy: string
}

/** Throws `store_unavailable` when the store cannot be reached. */
export interface LimitShelf {
  /** All limits, in the order of their ids. */
  list(): Soon<readonly StoredLimit[]>
  /** Adds a limit, or replaces the one with the same id. */
  put(limit: StoredLimit): Soon<void>
  /** Whether there was one. */
  remove(limitId: string): Soon<boolean>
  /** A number that is another one after every change, whichever instance made it. */
  version(): Soon<number>
}
