/** The budget desk: the limits of the configuration, those set while running and prepaid balances, in force together and kept in step. */
import { budgetSettings } from '#composition/sources.ts'
import type { Config } from '#config/config.ts'
import type { BudgetManager } from '#services/budget-manager/budget-manager.ts'
import type { LimitShelf, StoredLimit } from '#services/budget-manager/limit-shelf.ts'
import type { PrepaidAccount, PrepaidOwner, TopUp, TopUpBook } from '#services/budget-manager/top-up-book.ts'

export interface BudgetDesk {
  /** The limits that were set while running, as they are in force here. */
  stored(): readonly StoredLimit[]
  /** Takes a new configuration; limits that were set while running stay. */
  apply(next: Config): void
  /** Looks whether a limit was changed anywhere, and takes the change. To be called more than once a second. */
  refresh(): Promise<void>
  /** Sets a limit; in force here when the promise is kept, everywhere else within the second. */
  put(limit: StoredLimit): Promise<void>
  remove(limitId: string): Promise<boolean>
  /** What was paid into prepaid balances, as it is in force here. */
  accounts(): readonly PrepaidAccount[]
  /** What was paid in by and by, the newest first. */
  history(owner: PrepaidOwner, limit: number): Promise<readonly TopUp[]>
  /** Pays into a balance, once for each id; in force here when the promise is kept, everywhere else within the second. */
  topUp(topUp: TopUp): Promise<{ readonly topUp: TopUp; readonly isNew: boolean }>
}

export interface BudgetDeskParts {
  readonly config: Config
  readonly shelf: LimitShelf
  readonly topUpBook: TopUpBook
  readonly budgetManager: Pick<BudgetManager, 'apply'>
}

/** Throws `store_unavailable` when the limits cannot be read: without them more could be spent than was allowed. */
export async function openBudgetDesk({
  config,
  shelf,
  topUpBook,
  budgetManager,
}: BudgetDeskParts): Promise<BudgetDesk> {
  let current = config
  let version: number | undefined
  let limits: readonly StoredLimit[] = []
  let accounts: readonly PrepaidAccount[] = []

  const enforce = () => {
    const settings = budgetSettings(current)
    // The last limit of one scope, subject and window counts: what was set while running.
    budgetManager.apply({ ...settings, limits: [...settings.limits, ...limits], prepaid: accounts })
  }
  const refresh = async () => {
    const seen = await shelf.version()
    if (seen === version) return
    // Read after the version: a change in between is read twice, and never missed.
    limits = await shelf.list()
    accounts = await topUpBook.accounts()
    version = seen
    enforce()
  }

  await refresh()
  return {
    stored: () => limits,
    apply(next) {
      current = next
      enforce()
    },
    refresh,
    async put(limit) {
      await shelf.put(limit)
      await refresh()
    },
    async remove(limitId) {
      const wasThere = await shelf.remove(limitId)
      await refresh()
      return wasThere
    },
    accounts: () => accounts,
    history: async (owner, limit) => topUpBook.list(owner, limit),
    async topUp(topUp) {
      const answer = await topUpBook.add(topUp)
      await refresh()
      return answer
    },
  }
}
