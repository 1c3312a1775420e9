/** The response cache: an answer given once to a question is given again to the same question of the same tenant. */
import type { Soon } from '#core/domain/soon.ts'
import { bytesOf, withOwnBytes } from '#services/response-cache/answer-size.ts'
import { isCacheable, isWorthKeeping } from '#services/response-cache/cacheability.ts'
import { cacheKey } from '#services/response-cache/cache-key.ts'
import type { CacheSharing } from '#services/response-cache/cache-key.ts'
import type { Entries } from '#services/response-cache/entries.ts'
import type { CacheRequest, KnownAnswer } from '#services/response-cache/known-answer.ts'
import { createTurns } from '#services/response-cache/turns.ts'
import type { Turn } from '#services/response-cache/turns.ts'

export interface CacheSettings {
  readonly isEnabled: boolean
  readonly defaultTtlMs: number
  /** One answer larger than this is not kept. */
  readonly entryBytesMax: number
  /** How long a question waits for the answer to the same question that is being asked; 0 asks at once. */
  readonly sameQuestionWaitMs: number
  /** Undefined shares within the tenant. */
  readonly sharing?: CacheSharing | undefined
}

export interface ResponseCachePorts {
  readonly entries: Entries
  /** Read for each request, so that a reload holds at once. */
  readonly settings: () => CacheSettings
  /** A cache that fails is a cache that misses: nobody but the operator is told. */
  readonly report: (failure: unknown, place: string) => void
}

export interface ResponseCache {
  /** Where an answer to this may be found and kept; undefined when it must be a new one and must not be kept. */
  keyFor(request: CacheRequest): string | undefined
  lookUp(key: string): Soon<KnownAnswer | undefined>
  /** Whose turn it is to ask what nobody knows; undefined where nobody waits for another. */
  turn(key: string): Turn | undefined
  /** Refuses answers that are cut, filtered, calls of tools, or too large. */
  keep(key: string, known: KnownAnswer): void
}

export function createResponseCache({ entries, settings, report }: ResponseCachePorts): ResponseCache {
  const takeTurn = createTurns()
  return {
    keyFor(request) {
      const { isEnabled, sharing = 'tenant' } = settings()
      if (!isEnabled || !isCacheable(request)) return undefined
      return cacheKey(request, sharing)
    },
    lookUp(key) {
      const missing = (failure: unknown): undefined => {
        report(failure, 'looking an answer up')
      }
      try {
        const found = entries.get(key)
        return found instanceof Promise ? found.catch(missing) : found
      } catch (failure) {
        return missing(failure)
      }
    },
    turn(key) {
      const { sameQuestionWaitMs } = settings()
      return sameQuestionWaitMs > 0 ? takeTurn(key, sameQuestionWaitMs) : undefined
    },
    keep(key, known) {
      if (!isWorthKeeping(known)) return
      const { defaultTtlMs, entryBytesMax } = settings()
      const bytes = bytesOf(known)
      if (bytes > entryBytesMax) return
      const lost = (failure: unknown) => report(failure, 'keeping an answer')
      try {
        const keeping = entries.put(key, withOwnBytes(known), { ttlMs: defaultTtlMs, bytes })
        if (keeping instanceof Promise) keeping.catch(lost)
      } catch (failure) {
        lost(failure)
      }
    },
  }
}
