/** The directory of keys in memory: for tests and for instances that keep nothing. */
import { Problem } from '#core/domain/problem.ts'
import type { Directory, KeyRecord } from '#services/access-control/directory.ts'

export function createMemoryDirectory(): Directory {
  const keys = new Map<string, KeyRecord>()
  return {
    addKey(record) {
      if (keys.has(record.keyId)) throw new Problem('already_exists', { detail: 'This key id is taken.' })
      keys.set(record.keyId, record)
    },
    findKey: (keyId) => keys.get(keyId),
    revokeKey(keyId, atMs) {
      const known = keys.get(keyId)
      if (!known || known.revokedAtMs !== undefined) return known
      const revoked = { ...known, revokedAtMs: atMs }
      keys.set(keyId, revoked)
      return revoked
    },
    listKeys({ tenantId, after, limit }) {
      return [...keys.values()]
        .filter((key) => tenantId === undefined || key.tenantId === tenantId)
        .filter((key) => after === undefined || key.keyId > after)
        .sort((a, b) => (a.keyId < b.keyId ? -1 : 1))
        .slice(0, limit)
    },
  }
}
