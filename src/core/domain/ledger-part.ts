/**
 * The parts in which a store that lies on several servers keeps what is counted: each tenant's money and limits in one
 * part, and what counts several tenants together in a part of its own.
 */
import { budgetScopes, isAcrossTenants } from '#core/domain/budget-scope.ts'

/** Never changed: a tenant's money lies where it was first put. */
const tenantParts = 16
/** Of whatever counts several tenants together: models, providers, organisations, everyone. */
export const spanningPart = tenantParts
export const ledgerParts = tenantParts + 1

const spanning: ReadonlySet<string> = new Set(budgetScopes.filter(isAcrossTenants))

/** 0 to 15. */
export function partOfTenant(tenantId: string): number {
  // FNV-1a: spreads short names evenly enough.
  let mixed = 0x811c9dc5
  for (let at = 0; at < tenantId.length; at += 1)
    mixed = Math.imul(mixed ^ tenantId.charCodeAt(at), 0x01000193) >>> 0
  return mixed % tenantParts
}

/** The part of a counter, by its name: `user:acme/ann` lies with `tenant:acme`, `model:x` in the spanning part. */
export function partOfScope(scope: string): number {
  const [kind = '', name] = scope.split(':', 2)
  if (name === undefined || spanning.has(kind)) return spanningPart
  const [tenantId = ''] = name.split('/', 1)
  return partOfTenant(tenantId)
}
