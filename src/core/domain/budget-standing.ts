/** What one budget stands at: its limit, what is spent of it, and the window that this counts in. */
import type { BudgetScope } from '#core/domain/budget-scope.ts'
import type { CountedWindow, WindowSpan } from '#core/domain/budget-window.ts'
import type { NanoUsd } from '#core/domain/money.ts'

export interface BudgetStanding {
  readonly scope: BudgetScope
  /** Whose budget it is; undefined for everyone's. */
  readonly subject: string | undefined
  /** The tenant that the budget belongs to; undefined for what spans tenants. */
  readonly tenantId: string | undefined
  /** The ledger's name for it: `user:acme/ann`. */
  readonly counter: string
  readonly window: CountedWindow
  readonly span: WindowSpan
  /** Of a prepaid balance, what was paid in. */
  readonly limitNanoUsd: NanoUsd
  readonly isHard: boolean
  readonly spentNanoUsd: NanoUsd
  /** Held for requests that are being answered. */
  readonly heldNanoUsd: NanoUsd
  /** Whether a request was refused in this window because what is left does not pay for even a short answer. */
  readonly isRefusing: boolean
}
