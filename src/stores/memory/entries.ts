/** Known answers in this process's memory: bounded by count and bytes, the longest unused first to go, never written anywhere. */
import { LRUCache } from 'lru-cache'
import type { Clock } from '#core/domain/clock.ts'
import type { Entries } from '#services/response-cache/entries.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'

export interface EntriesLimits {
  readonly entriesMax: number
  readonly bytesMax: number
}

/** Not encrypted: the answers never leave the process that holds the key that would encrypt them. */
export function createMemoryEntries(limits: EntriesLimits, clock: Clock): Entries {
  const cache = new LRUCache<string, KnownAnswer>({
    max: limits.entriesMax,
    maxSize: limits.bytesMax,
    // Without a resolution it would set a timer after each look at the clock.
    ttlResolution: 0,
    // An entry kept at moment 0 would count as one without an end.
    perf: { now: () => clock.monotonicMs() + 1 },
  })
  return {
    get: (key) => cache.get(key),
    put(key, answer, { ttlMs, bytes }) {
      cache.set(key, answer, { ttl: ttlMs, size: Math.max(1, Math.ceil(bytes)) })
    },
    delete(key) {
      cache.delete(key)
    },
    size: () => cache.size,
  }
}
