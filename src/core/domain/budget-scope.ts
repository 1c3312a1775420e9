/** What a budget may be for. */

export const budgetScopes = [
  'everyone',
  'tenant',
  'team',
  'project',
  'user',
  'key',
  'tag',
  'model',
  'provider',
] as const

export type BudgetScope = (typeof budgetScopes)[number]

const ofTenants: ReadonlySet<BudgetScope> = new Set(['team', 'project', 'user', 'key', 'tag'])

/** Whether what the scope counts belongs to one tenant, whose name a limit may state beside its id. */
export const isOfTenant = (scope: BudgetScope): boolean => ofTenants.has(scope)
