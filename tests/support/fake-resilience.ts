// Resilience for tests of the corridor: everybody may be asked, twice at most, and every pass is counted.
import type { Rooms } from '#core/gateway/rooms.ts'

export function fakeResilience(held: { passes: number }): Rooms['resilience'] {
  return {
    enter({ provider }) {
      held.passes++
      let isOut = true
      return {
        row: provider,
        sent: () => undefined,
        keyReplaced: () => undefined,
        began: () => undefined,
        close() {
          if (isOut) held.passes--
          isOut = false
        },
      }
    },
    retryDelayMs: ({ problem, attempts }) => (problem.kind.isRetryable && attempts < 2 ? 0 : undefined),
    hedgeAfterMs: () => undefined,
    takeHedge: () => false,
    hasFreshTrack: () => false,
    refuseLate: () => undefined,
    deadlinesFor: () => ({
      connectMs: 1_000,
      headersMs: 1_000,
      firstTokenMs: 1_000,
      idleMs: 1_000,
      totalMs: 10_000,
      isHurried: false,
    }),
    signalOf: () => ({ isAvailable: true, successRate: undefined, latencyMs: undefined }),
  }
}
