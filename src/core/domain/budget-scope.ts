/** What a budget may be for. */

export const budgetScopes = [
  'everyone',
  'organisation',
  'tenant',
  'team',
  'project',
  'user',
  'key',
  'end_user',
  'tag',
  'model',
  'provider',
] as const

export type BudgetScope = (typeof budgetScopes)[number]

const ofTenants: ReadonlySet<BudgetScope> = new Set(['team', 'project', 'user', 'key', 'end_user', 'tag'])

/** Whether what the scope counts belongs to one tenant, whose name a limit may state beside its id. */
export const isOfTenant = (scope: BudgetScope): boolean => ofTenants.has(scope)

const ofNobody: ReadonlySet<BudgetScope> = new Set(['everyone', 'organisation', 'model', 'provider'])

/** Whether the scope counts what several tenants spend together. */
export const isAcrossTenants = (scope: BudgetScope): boolean => ofNobody.has(scope)

/** Who may have a prepaid balance. */
export const prepaidScopes = ['tenant', 'team', 'user', 'key'] as const
export type PrepaidScope = (typeof prepaidScopes)[number]
