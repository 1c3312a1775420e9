/** The alert book in memory: for tests. */
import type { AlertBook, Claim, Delivery, WaitingDeliveries } from '#services/alerts/alert-book.ts'

interface KeptDelivery extends Delivery {
  readonly claimedAtMs: number
  readonly endsAtMs: number
  failures: number
  failure: string | undefined
  dueAtMs: number
}

export function createMemoryAlertBook(): AlertBook {
  const claims = new Map<string, Claim>()
  const deliveries = new Map<string, KeptDelivery>()
  const nameOf = (alertId: string, destination: string) => JSON.stringify([destination, alertId])
  const inOrder = () =>
    [...deliveries.values()].toSorted(
      (a, b) => a.claimedAtMs - b.claimedAtMs || (a.alertId < b.alertId ? -1 : 1),
    )
  return {
    claim(claim) {
      const name = JSON.stringify([claim.counter, claim.windowId, claim.mark])
      const before = claims.get(name)
      if (before && before.limitNanoUsd >= claim.limitNanoUsd) return 'known'
      claims.set(name, claim)
      for (const destination of before ? claim.destinationsAgain : claim.destinations) {
        const { alertId, alert, claimedAtMs, endsAtMs } = claim
        const untried = { failures: 0, failure: undefined, dueAtMs: claimedAtMs }
        deliveries.set(nameOf(alertId, destination), {
          alertId,
          destination,
          alert,
          claimedAtMs,
          endsAtMs,
          ...untried,
        })
      }
      return before ? 'again' : 'first'
    },
    take({ destination, nowMs, heldUntilMs }) {
      const due = inOrder().find(
        (one) => one.destination === destination && one.dueAtMs <= nowMs && one.endsAtMs > nowMs,
      )
      if (!due) return undefined
      due.dueAtMs = heldUntilMs
      return { alertId: due.alertId, destination, alert: due.alert, failures: due.failures }
    },
    finish: (alertId, destination) => void deliveries.delete(nameOf(alertId, destination)),
    postpone({ alertId, destination }, dueAtMs, failure) {
      const kept = deliveries.get(nameOf(alertId, destination))
      if (!kept) return
      kept.dueAtMs = dueAtMs
      if (failure === undefined) return
      kept.failure = failure
      kept.failures += 1
    },
    waiting: (nowMs) => waitingIn(inOrder().filter(({ endsAtMs }) => endsAtMs > nowMs)),
    prune(nowMs) {
      for (const [name, { forgottenAtMs }] of claims) {
        if (forgottenAtMs !== undefined && forgottenAtMs <= nowMs) claims.delete(name)
      }
      const ended = [...deliveries].filter(([, { endsAtMs }]) => endsAtMs <= nowMs)
      for (const [name] of ended) deliveries.delete(name)
      return ended.length
    },
  }
}

function waitingIn(kept: readonly KeptDelivery[]): readonly WaitingDeliveries[] {
  const byDestination = Map.groupBy(kept, ({ destination }) => destination)
  return [...byDestination]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([destination, [first, ...others]]) => {
      const all = first ? [first, ...others] : []
      const worst = all.toSorted((a, b) => b.failures - a.failures)[0]
      return {
        destination,
        count: all.length,
        claimedAtMs: first?.claimedAtMs ?? 0,
        failure: worst?.failure,
        failures: worst?.failures ?? 0,
      }
    })
}
