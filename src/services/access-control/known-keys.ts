/** Keys seen lately: who a presented key is, for a few seconds, in bounded memory. Never the key itself. */
import type { Caller } from '#core/domain/caller.ts'
import type { ProblemCode } from '#core/domain/problem.ts'

export type Known = KnownCaller | { readonly refusal: ProblemCode; readonly untilMs: number }

export interface KnownCaller {
  readonly caller: Caller
  readonly untilMs: number
  /** Until when it may still be believed while the directory cannot be asked. */
  readonly staleUntilMs: number
}

export interface KnownKeys {
  /** By the hash of what was presented; undefined when nothing is known or it is too old. */
  find(hash: string, nowMs: number): Known | undefined
  /** Who this was when the directory was last heard; undefined when that is too long ago. */
  findStale(hash: string, nowMs: number): Caller | undefined
  keep(hash: string, known: Known): void
  /** Forgets a key by its public id, at once. */
  forget(keyId: string): void
}

export function createKnownKeys(entriesMax: number): KnownKeys {
  const byHash = new Map<string, Known>()
  const hashOf = new Map<string, string>()

  const drop = (hash: string, known: Known) => {
    byHash.delete(hash)
    if ('caller' in known) hashOf.delete(known.caller.keyId)
  }
  return {
    find(hash, nowMs) {
      const known = byHash.get(hash)
      if (!known) return undefined
      if (nowMs < known.untilMs) return known
      if (nowMs >= endOf(known)) drop(hash, known)
      return undefined
    },
    findStale(hash, nowMs) {
      const known = byHash.get(hash)
      return known && 'caller' in known && nowMs < known.staleUntilMs ? known.caller : undefined
    },
    keep(hash, known) {
      byHash.set(hash, known)
      if ('caller' in known) hashOf.set(known.caller.keyId, hash)
      if (byHash.size <= entriesMax) return
      for (const [oldest, entry] of byHash) {
        drop(oldest, entry)
        return
      }
    },
    forget(keyId) {
      const hash = hashOf.get(keyId)
      if (hash === undefined) return
      hashOf.delete(keyId)
      byHash.delete(hash)
    },
  }
}

const endOf = (known: Known) => ('caller' in known ? known.staleUntilMs : known.untilMs)
