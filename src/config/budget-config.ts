/** The settings of budgets, as the rest of the house reads them. */
import type { BudgetScope } from '#core/domain/budget-scope.ts'
import type { BudgetWindow } from '#core/domain/budget-window.ts'
import type { Currency } from '#core/domain/currency.ts'
import type { DegradeStep } from '#core/domain/degrade-step.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { OutageRule } from '#core/domain/outage-rule.ts'

interface BudgetLimitConfig {
  readonly scope: BudgetScope
  /** Whose budget; undefined is each one of that scope for itself. */
  readonly id: string | undefined
  /** The tenant that the team, project, user or key belongs to; undefined is any. */
  readonly tenantId: string | undefined
  readonly window: BudgetWindow
  /** The IANA name of the zone by whose clocks the window begins; undefined is UTC. */
  readonly timeZone: string | undefined
  readonly limitNanoUsd: NanoUsd
  readonly isHard: boolean
  /** What is done from which share on, before it refuses. */
  readonly degrade: readonly DegradeStep[]
}

export interface BudgetConfig {
  /** In what amounts are shown beside US dollars; undefined is nothing else. */
  readonly currency: Currency | undefined
  /** For each user and calendar month (UTC) that no limit below names; undefined is no limit. */
  readonly defaultMonthlyLimitNanoUsd: NanoUsd | undefined
  readonly limits: readonly BudgetLimitConfig[]
  /** The organisation of each tenant that belongs to one. */
  readonly organisations: ReadonlyMap<string, string>
  /** The output cap for requests that state none. */
  readonly unstatedMaxOutputTokens: number
  /** A hold that nobody settles is charged in full after this long. */
  readonly holdLeaseMs: number
  /** An instance spends from what it holds ahead for this long without a word from the shared ledger. */
  readonly sliceLeaseMs: number
  /** What is served while the shared ledger is away. */
  readonly outage: OutageRule
}
