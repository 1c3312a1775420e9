/** Budgets for the admin API: who may see and set which, and what each has left. */
import type { HouseParts } from '#composition/house.ts'
import type { OpenRooms } from '#composition/open-rooms.ts'
import { isOfTenant } from '#core/domain/budget-scope.ts'
import { isRolling, windowAt } from '#core/domain/budget-window.ts'
import type { Caller } from '#core/domain/caller.ts'
import { Problem } from '#core/domain/problem.ts'
import type { BudgetAdminPort, BudgetLine, NewBudget } from '#http/ports.ts'
import type { BudgetLimit } from '#services/budget-manager/budget-limits.ts'
import type { StoredLimit } from '#services/budget-manager/limit-shelf.ts'

type Rooms = Pick<OpenRooms, 'budgetDesk' | 'budgetManager' | 'desk'>

export function budgetAdmin({ clock, chance }: HouseParts, rooms: Rooms): BudgetAdminPort {
  const { budgetDesk } = rooms
  const lineOf = async (limit: BudgetLimit, stored: StoredLimit | undefined): Promise<BudgetLine> => ({
    id: stored?.limitId,
    scope: limit.scope,
    subject: limit.id,
    tenantId: limit.tenantId,
    window: limit.window,
    timeZone: limit.timeZone,
    limitNanoUsd: limit.limitNanoUsd,
    isHard: limit.isHard !== false,
    degrade: limit.degrade ?? [],
    resetsAtMs: isRolling(limit.window)
      ? undefined
      : windowAt(limit.window, clock.nowMs(), limit.timeZone).resetsAtMs,
    setAtMs: stored?.setAtMs,
    balance: await balanceOf(rooms, limit),
  })
  return {
    async list(actor) {
      const stated = rooms.desk.furniture().config.budget.limits
      const lines = [
        ...stated.map(async (limit) => lineOf(limit, undefined)),
        ...budgetDesk.stored().map(async (limit) => lineOf(limit, limit)),
      ]
      return (await Promise.all(lines)).filter((line) => maySee(actor, line))
    },
    async set(actor, wish, budgetId) {
      const known = budgetDesk.stored().find(({ limitId }) => limitId === budgetId)
      if (budgetId !== undefined && (!known || !maySee(actor, subjectOf(known)))) return undefined
      const tenantId = wish.tenantId ?? defaultTenant(actor, wish)
      refuseForeign(actor, { ...wish, tenantId })
      const limit: StoredLimit = {
        limitId: budgetId ?? chance.uniqueId(),
        scope: wish.scope,
        id: wish.subject,
        tenantId,
        window: wish.window,
        timeZone: wish.timeZone,
        limitNanoUsd: wish.limitNanoUsd,
        isHard: wish.isHard,
        degrade: wish.degrade.length === 0 ? undefined : wish.degrade,
        setAtMs: clock.nowMs(),
        setBy: actor.keyId,
      }
      refuseTwins(budgetDesk.stored(), limit)
      await budgetDesk.put(limit)
      return lineOf(limit, limit)
    },
    async remove(actor, budgetId) {
      const known = budgetDesk.stored().find(({ limitId }) => limitId === budgetId)
      if (!known || !maySee(actor, subjectOf(known))) return false
      return budgetDesk.remove(budgetId)
    },
  }
}

/** What one subject has spent; a limit for each one of a scope has no single balance. */
async function balanceOf({ budgetManager }: Rooms, { scope, id, tenantId, window, timeZone }: BudgetLimit) {
  if (scope !== 'everyone' && id === undefined) return undefined
  const { settled, reserved } = await budgetManager.spent({
    scope,
    id: id ?? '*',
    tenantId: tenantId ?? id ?? '',
    window,
    timeZone,
  })
  return { spentNanoUsd: settled, heldNanoUsd: reserved }
}

const subjectOf = ({ scope, id, tenantId }: BudgetLimit) => ({ scope, subject: id, tenantId })

/** A tenant's administrators see and set what counts their own tenant alone. */
function maySee(
  { role, tenantId }: Caller,
  { scope, subject, tenantId: ofTenant }: Pick<BudgetLine, 'scope' | 'subject' | 'tenantId'>,
): boolean {
  if (role === 'operator') return true
  return scope === 'tenant' ? subject === tenantId : ofTenant === tenantId
}

function defaultTenant({ role, tenantId }: Caller, { scope }: NewBudget): string | undefined {
  return role !== 'operator' && isOfTenant(scope) ? tenantId : undefined
}

function refuseForeign(actor: Caller, wish: NewBudget): void {
  if (maySee(actor, wish)) return
  throw new Problem('not_permitted', {
    detail: 'Only the operator sets budgets beyond the own tenant.',
    param: wish.scope === 'tenant' ? 'subject' : 'tenant_id',
  })
}

/** Two limits for the same would hide each other. */
function refuseTwins(stored: readonly StoredLimit[], limit: StoredLimit): void {
  const same = stored.find(
    (other) =>
      other.limitId !== limit.limitId &&
      other.scope === limit.scope &&
      other.id === limit.id &&
      other.tenantId === limit.tenantId &&
      other.window === limit.window &&
      (other.timeZone ?? 'UTC') === (limit.timeZone ?? 'UTC'),
  )
  if (!same) return
  throw new Problem('already_exists', {
    detail: `The budget ${same.limitId} is for the same scope, subject and window.`,
    mend: 'Change that budget, or remove it first.',
  })
}
