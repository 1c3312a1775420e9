/** Whom requests were counted for lately: a limit for each user does not say who the users are. */
import type { BudgetScope } from '#core/domain/budget-scope.ts'
import type { CountedWindow } from '#core/domain/budget-window.ts'

export interface Sighting {
  readonly tenantId: string
  readonly id: string
  /** When a request was last counted for it. */
  seenAtMs: number
  /** The window in which a request was refused for want of what was left. */
  refusedIn: string | undefined
}

/** By the counter's scope name. */
export type SeenCounters = Map<string, Sighting>

interface SeenKind {
  readonly scope: BudgetScope
  readonly window: CountedWindow
  readonly timeZone: string | undefined
}

export interface Sightings {
  /** The ones of one scope and kind of window; the same map at each call. */
  of(kind: SeenKind): SeenCounters
  noteRefusal(counter: string, windowId: string): void
}

/** For one scope and window; names may come from callers, and must not fill the memory. */
const countersMax = 10_000

export function createSightings(): Sightings {
  const all = new Map<string, SeenCounters>()
  return {
    of({ scope, window, timeZone }) {
      const name = `${scope} ${window} ${timeZone ?? 'UTC'}`
      const known = all.get(name) ?? new Map<string, Sighting>()
      all.set(name, known)
      return known
    },
    noteRefusal(counter, windowId) {
      for (const seen of all.values()) {
        const sighting = seen.get(counter)
        if (sighting) sighting.refusedIn = windowId
      }
    },
  }
}

/** A request at this moment counts for this counter; the one that came first makes room when there are too many. */
export function noteSeen(seen: SeenCounters, counter: string, sighting: Omit<Sighting, 'refusedIn'>): void {
  if (seen.size >= countersMax) {
    const [first] = seen.keys()
    if (first !== undefined) seen.delete(first)
  }
  seen.set(counter, { ...sighting, refusedIn: undefined })
}

/** Forgets whom nothing was counted for since a moment: what stands there cannot have changed. */
export function forgetUnseen(seen: SeenCounters, sinceMs: number): void {
  for (const [counter, { seenAtMs }] of seen) if (seenAtMs < sinceMs) seen.delete(counter)
}
