/** Steps of the ledger of which no answer came: closed again until one does, so that no hold is left to be charged in full. */
import type { Settlement } from '#core/domain/ledger-hold.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'

export interface UnsureSteps {
  readonly count: () => number
  /** The hold may be open though nobody was told so; what was spent of it is known. */
  readonly note: (holdId: string, spent: NanoUsd) => void
  /** Settles what was noted. Throws `store_unavailable` when the ledger is still away; what is left is kept. */
  readonly retry: (noteSettlement: (settlement: Settlement) => void) => Promise<void>
}

/** Beyond these the oldest is left to its expiry, which charges it in full. */
const stepsMax = 10_000
/** A step that was sent before an outage may arrive after the first look for it. */
const looksAfterUnknown = 3

export function createUnsureSteps(ledger: Pick<Ledger, 'settle'>): UnsureSteps {
  const steps = new Map<string, { readonly spent: NanoUsd; looksLeft: number }>()
  return {
    count: () => steps.size,
    note(holdId, spent) {
      steps.set(holdId, { spent, looksLeft: looksAfterUnknown })
      if (steps.size <= stepsMax) return
      const [oldest] = steps.keys()
      if (oldest !== undefined) steps.delete(oldest)
    },
    async retry(noteSettlement) {
      for (const [holdId, step] of steps) {
        const settlement = await ledger.settle(holdId, step.spent)
        step.looksLeft -= 1
        if (settlement.kind !== 'unknown' || step.looksLeft === 0) steps.delete(holdId)
        if (settlement.kind !== 'unknown') noteSettlement(settlement)
      }
    },
  }
}
