/** Budget limits in memory: for tests. */
import type { LimitShelf, StoredLimit } from '#services/budget-manager/limit-shelf.ts'

export function createMemoryLimitShelf(): LimitShelf {
  const limits = new Map<string, StoredLimit>()
  let version = 0
  return {
    list: () => [...limits.values()].toSorted((a, b) => (a.limitId < b.limitId ? -1 : 1)),
    put(limit) {
      limits.set(limit.limitId, limit)
      version += 1
    },
    remove(limitId) {
      const wasThere = limits.delete(limitId)
      if (wasThere) version += 1
      return wasThere
    },
    version: () => version,
  }
}
