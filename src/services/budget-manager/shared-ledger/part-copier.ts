/** Copies what this instance's holds were charged to where it outlives its disk. */
import type { HoldScope } from '#core/domain/ledger-hold.ts'
import type { OwnBook, PartCopies } from '#services/budget-manager/shared-ledger/own-book.ts'
import { partsIn } from '#services/budget-manager/shared-ledger/own-holds.ts'
import type { TellingTerms } from '#services/budget-manager/shared-ledger/telling.ts'

export interface Copier {
  /** Something was charged on these counters. */
  note(scopes: readonly HoldScope[]): void
  /** Copies what was noted; what cannot be copied now is copied with the next. */
  save(): Promise<void>
}

interface CopierPorts {
  readonly copies: PartCopies | undefined
  readonly book: OwnBook
  readonly report: (failure: unknown, place: string) => void
}

export function createCopier({ copies, book, report }: CopierPorts, terms: TellingTerms): Copier {
  const { instance, isOwn, endedAfterMs } = terms
  if (!copies) return { note: () => undefined, save: () => Promise.resolve() }
  const changed = new Map<string, HoldScope>()
  let isFirst = true
  let isSaving = false
  let isReported = false
  return {
    note(scopes) {
      for (const scope of scopes) changed.set(`${scope.scope} ${scope.window}`, scope)
    },
    async save() {
      if (isSaving || (changed.size === 0 && !isFirst)) return
      isSaving = true
      const taken = new Map(changed)
      changed.clear()
      try {
        // The file may have been charged at its start, and by an instance that could not copy.
        const all = () => book.parts(endedAfterMs()).filter(({ scope }) => isOwn(scope))
        await copies.save(instance, isFirst ? all() : partsIn(book, [...taken.values()]))
        isFirst = false
        isReported = false
      } catch (failure) {
        for (const [key, scope] of taken) changed.set(key, scope)
        if (!isReported) report(failure, 'copying what was charged')
        isReported = true
      } finally {
        isSaving = false
      }
    },
  }
}
