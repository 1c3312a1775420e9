/** What somebody asks of a new key, checked field by field before it becomes a record. */
import type { CallerLimits, CallerRole, Permission } from '#core/domain/caller.ts'
import { priorities } from '#core/domain/priority.ts'
import { Problem } from '#core/domain/problem.ts'
import { permissionsOfRole } from '#services/access-control/rights.ts'
import type { RightsWish } from '#services/access-control/rights.ts'

export interface KeyRequest {
  readonly name: string
  readonly tenantId: string
  /** `user` when undefined. */
  readonly role?: CallerRole | undefined
  /** All of the role's when undefined. */
  readonly permissions?: readonly Permission[] | undefined
  readonly userId?: string | undefined
  readonly teamId?: string | undefined
  readonly projectId?: string | undefined
  readonly allowedModels?: readonly string[] | undefined
  readonly limits?: CallerLimits | undefined
  readonly expiresAtMs?: number | undefined
}

/** Letters and digits, then also `.`, `_` and `-`; no slash, because counters are named `user:tenant/user`. */
const tenantPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
// Printable and short: ids end up in rows, counters and error texts.
const namePattern = /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]{1,128}$/u
const modelsMax = 200

/** The request with its defaults. Throws `invalid_value` naming the field. */
export function checkKeyRequest(request: KeyRequest, nowMs: number): RightsWish {
  const { tenantId, allowedModels, limits, expiresAtMs } = request
  const role = request.role ?? 'user'
  requireField(Object.hasOwn(permissionsOfRole, role), 'role', 'one of user, tenant_admin, operator')
  requireField(tenantPattern.test(tenantId), 'tenantId', '1 to 64 letters, digits, ".", "_" or "-"')
  for (const field of ['name', 'userId', 'teamId', 'projectId'] as const) {
    const value = request[field]
    requireField(value === undefined || namePattern.test(value), field, '1 to 128 printable characters')
  }
  if (allowedModels) {
    const isFine =
      allowedModels.length <= modelsMax && allowedModels.every((model) => namePattern.test(model))
    requireField(isFine, 'allowedModels', `at most ${modelsMax} model names or patterns`)
  }
  const { priorityMax, ...counts } = limits ?? {}
  requireField(
    priorityMax === undefined || priorities.includes(priorityMax),
    'limits.priorityMax',
    `one of ${priorities.join(', ')}`,
  )
  for (const [name, value] of Object.entries(counts)) {
    requireField(
      value === undefined || (Number.isSafeInteger(value) && value > 0),
      `limits.${name}`,
      'a whole number above 0',
    )
  }
  requireField(expiresAtMs === undefined || expiresAtMs > nowMs, 'expiresAtMs', 'a moment in the future')
  const { userId, teamId, projectId } = request
  const permissions = request.permissions ?? permissionsOfRole[role]
  return { tenantId, role, permissions, userId, teamId, projectId, allowedModels, limits }
}

function requireField(isFine: boolean, param: string, wanted: string): void {
  if (!isFine) throw new Problem('invalid_value', { detail: `${param} must be ${wanted}.`, param })
}
