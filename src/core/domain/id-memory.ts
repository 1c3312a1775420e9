/**
 * What follows from a tenant and an id alone, made once: names of counters above all, which every map that is asked for
 * a text in pieces joins and files first.
 */

/** Ids may come from callers, and must not fill the memory. */
const idsMax = 10_000

type Made<T> = (tenantId: string, id: string) => T

/** Gives what `make` gives, and seldom makes the same anew. */
export function rememberById<T extends string | object>(make: Made<T>): Made<T> {
  const byTenant = new Map<string, Map<string, T>>()
  let ids = 0
  return (tenantId, id) => {
    const known = byTenant.get(tenantId)?.get(id)
    if (known !== undefined) return known
    if (ids >= idsMax) {
      byTenant.clear()
      ids = 0
    }
    const made = make(tenantId, id)
    const ofTenant = byTenant.get(tenantId) ?? new Map<string, T>()
    byTenant.set(tenantId, ofTenant.set(id, made))
    ids += 1
    return made
  }
}
