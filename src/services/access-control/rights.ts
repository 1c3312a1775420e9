/** Rights: what a role may do, and the rule that nobody gives away more than they have. */
import { keyPermissions } from '#core/domain/caller.ts'
import type { Caller, CallerLimits, CallerRole, Permission } from '#core/domain/caller.ts'
import { lowerPriority, usualPriority } from '#core/domain/priority.ts'
import { Problem } from '#core/domain/problem.ts'

export const permissionsOfRole: Readonly<Record<CallerRole, readonly Permission[]>> = {
  user: ['public', 'inference'],
  tenant_admin: ['public', 'inference', 'analytics', 'admin'],
  operator: ['public', ...keyPermissions],
}
const rank: Readonly<Record<CallerRole, number>> = { user: 0, tenant_admin: 1, operator: 2 }

/** What somebody asks a new key to be allowed. */
export interface RightsWish {
  readonly tenantId: string
  readonly role: CallerRole
  readonly permissions: readonly Permission[]
  readonly userId: string | undefined
  readonly teamId: string | undefined
  readonly projectId: string | undefined
  readonly allowedModels: readonly string[] | undefined
  readonly limits: CallerLimits | undefined
}

/** Throws `not_permitted`, naming the first right that the actor does not have. */
export function requireSubset(actor: Caller, wish: RightsWish): void {
  const excess = firstExcess(actor, wish)
  if (excess === undefined) return
  throw new Problem('not_permitted', {
    detail: `A key cannot be given more rights than its giver has: ${excess}.`,
    mend: 'Ask for fewer rights, or use a key that has them.',
    facts: { right: excess },
  })
}

/** Whether an actor may see or change what belongs to a tenant. */
export function mayActFor(actor: Caller, tenantId: string): boolean {
  return actor.permissions.has('admin') && (actor.role === 'operator' || actor.tenantId === tenantId)
}

function firstExcess(actor: Caller, wish: RightsWish): string | undefined {
  if (!mayActFor(actor, wish.tenantId)) return 'tenant'
  if (rank[wish.role] > rank[actor.role]) return 'role'
  const extra = wish.permissions.find(
    (permission) => !actor.permissions.has(permission) || !permissionsOfRole[wish.role].includes(permission),
  )
  if (extra !== undefined) return `permission ${extra}`
  if (actor.userId !== undefined && wish.userId !== actor.userId) return 'user'
  if (actor.teamId !== undefined && wish.teamId !== actor.teamId) return 'team'
  if (actor.projectId !== undefined && wish.projectId !== actor.projectId) return 'project'
  if (!modelsWithin(actor.allowedModels, wish.allowedModels)) return 'models'
  return limitBeyond(actor.limits, wish.limits) ?? priorityBeyond(actor, wish)
}

function modelsWithin(own: readonly string[] | undefined, wished: readonly string[] | undefined): boolean {
  if (own === undefined) return true
  if (wished === undefined) return false
  return wished.every((pattern) => own.some((mine) => covers(mine, pattern)))
}

/** Whether everything that the second pattern matches is matched by the first: sure, not clever. */
function covers(mine: string, wished: string): boolean {
  if (mine === wished) return true
  const isPrefixPattern = mine.endsWith('*') && !mine.slice(0, -1).includes('*')
  return isPrefixPattern && wished.startsWith(mine.slice(0, -1))
}

function limitBeyond(own: CallerLimits | undefined, wished: CallerLimits | undefined): string | undefined {
  if (!own) return undefined
  for (const name of ['requestsPerMinute', 'tokensPerMinute', 'concurrentRequests'] as const) {
    const mine = own[name]
    const other = wished?.[name]
    if (mine !== undefined && (other === undefined || other > mine)) return name
  }
  return undefined
}

/** A key that says nothing gets what is usual. */
function priorityBeyond({ role, limits }: Caller, wish: RightsWish): string | undefined {
  const wished = wish.limits?.priorityMax ?? usualPriority
  if (role === 'operator') return undefined
  return lowerPriority(limits?.priorityMax ?? usualPriority, wished) === wished ? undefined : 'priority'
}
