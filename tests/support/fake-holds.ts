// Things that are held until they are given back, counted while they are.
import type { Slot } from '#services/load-control/target-gate.ts'
import type { LimitPermit } from '#services/rate-limiter/rate-limiter.ts'

/** A place at a target. */
export function fakeSlot(held: { passes: number }): Slot {
  held.passes++
  let isOut = true
  return {
    waitedMs: 0,
    answered: () => undefined,
    refused: () => undefined,
    leave() {
      if (isOut) held.passes--
      isOut = false
    },
  }
}

/** A place in every limit. */
export function fakePermit(held: { permits: number }): LimitPermit {
  held.permits++
  let isOut = true
  return {
    state: undefined,
    moveTo: () => undefined,
    release() {
      if (isOut) held.permits--
      isOut = false
    },
  }
}
