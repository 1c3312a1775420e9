/** The port of the top-up book: what was paid into prepaid balances, each payment once and for good. */
import type { PrepaidScope } from '#core/domain/budget-scope.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Soon } from '#core/domain/soon.ts'

/** Whose balance: a tenant, or a team, user or key of one. */
export interface PrepaidOwner {
  readonly scope: PrepaidScope
  readonly tenantId: string
  /** Of a tenant, its own name again. */
  readonly id: string
}

export interface TopUp extends PrepaidOwner {
  /** Chosen by whoever pays in: a payment that is told twice is written once. */
  readonly topUpId: string
  readonly amountNanoUsd: NanoUsd
  readonly note: string | undefined
  readonly addedAtMs: number
  /** The id of the key that paid in. */
  readonly addedBy: string
}

/** All that was paid in for one owner. */
export interface PrepaidAccount extends PrepaidOwner {
  readonly paidInNanoUsd: NanoUsd
  readonly topUps: number
}

/** Throws `store_unavailable` when the store cannot be reached. Rows are only ever added. */
export interface TopUpBook {
  /** Writes the top-up unless there is one with its id; answers with the one that is there. A change notes itself at the limit shelf. */
  add(topUp: TopUp): Soon<{ readonly topUp: TopUp; readonly isNew: boolean }>
  /** The newest first. */
  list(owner: PrepaidOwner, limit: number): Soon<readonly TopUp[]>
  accounts(): Soon<readonly PrepaidAccount[]>
}
