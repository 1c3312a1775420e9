/** The port of the cache's entries: where known answers are kept, for a while and within limits. */
import type { Soon } from '#core/domain/soon.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'

export interface Entries {
  /** Undefined when there is none, or its time is over. */
  get(key: string): Soon<KnownAnswer | undefined>
  /** Keeps or replaces an answer; older ones make room. One that is larger than the store takes is not kept. */
  put(key: string, answer: KnownAnswer, terms: EntryTerms): Soon<void>
  delete(key: string): Soon<void>
  /** How many are kept, those whose time is over perhaps included. */
  size(): number
}

export interface EntryTerms {
  readonly ttlMs: number
  /** About how much memory the answer takes. */
  readonly bytes: number
}
