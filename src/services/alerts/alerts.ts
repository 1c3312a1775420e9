/** Budget alerts: what was passed is told once, to everyone who is to hear it, and no request ever waits for that. */
import type { AlertDestination } from '#core/domain/alert-destination.ts'
import { isoText } from '#core/domain/budget-window.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { AlertBook, Delivery, WaitingDeliveries } from '#services/alerts/alert-book.ts'
import { createAlertWatch } from '#services/alerts/alert-watch.ts'
import type { WatchPorts, WatchSettings } from '#services/alerts/alert-watch.ts'
import { markName } from '#services/alerts/alert.ts'
import type { BudgetAlert } from '#services/alerts/alert.ts'
import { createCourier } from '#services/alerts/courier.ts'
import type { CourierPorts } from '#services/alerts/courier.ts'
import { createDeliveryLanes } from '#services/alerts/delivery-lanes.ts'
import { letterOf } from '#services/alerts/letter.ts'
import { percentOf } from '#services/alerts/passed-marks.ts'

export interface AlertSettings extends WatchSettings {
  /** Whether budgets are watched at all. */
  readonly isEnabled: boolean
}

export interface AlertLog {
  info(fields: object, sentence: string): void
  warn(fields: object, sentence: string): void
}

export interface AlertPorts extends CourierPorts, Pick<WatchPorts, 'standings'> {
  readonly book: AlertBook
  readonly log: AlertLog
  /** Failures that no caller is told of. */
  readonly report: (failure: unknown, place: string) => void
}

export interface TestResult {
  readonly destination: string
  readonly kind: AlertDestination['kind']
  /** Undefined when it was delivered. */
  readonly failure: string | undefined
}

export interface Alerts {
  /** Looks once and begins to deliver; returns before anything is delivered. To be called every few seconds. */
  tick(): Promise<void>
  /** Sends a test alert to every destination, once, and waits for what came of it. Never rejects. */
  test(): Promise<readonly TestResult[]>
  /** What could not be delivered yet. Throws `store_unavailable`. */
  waiting(): Soon<readonly WaitingDeliveries[]>
  /** Forgets what has ended. To be called every hour or so. Throws `store_unavailable`. */
  prune(): Promise<void>
  /** Takes new settings for everything that comes after. */
  apply(settings: AlertSettings): void
  counts(): AlertCounts
  /** Breaks off what is being sent; it is sent again at the next start, or by another instance. */
  close(): Promise<void>
}

/** Since the start of this instance. */
export interface AlertCounts {
  readonly sent: number
  /** Deliveries that failed at all their attempts, each time that they were tried. */
  readonly failed: number
}

export function createAlerts(ports: AlertPorts, settings: AlertSettings): Alerts {
  const { book, clock, chance, log, report } = ports
  let current = settings
  let isLooking = false
  const counts = { sent: 0, failed: 0 }
  const courier = createCourier(ports)
  const watch = createAlertWatch({ ...ports, tell: (alert) => log.info(fieldsOf(alert), 'budget alert') })
  const note = ({ alertId, destination, failures }: Delivery, failure: string | undefined) => {
    counts[failure === undefined ? 'sent' : 'failed'] += 1
    if (failure === undefined) return
    log.warn({ alert: alertId, destination, failure, failures: failures + 1 }, 'an alert was not delivered')
  }
  const lanes = createDeliveryLanes({ book, courier, clock, chance, note, report })
  const stopTests = new AbortController()

  return {
    async tick() {
      if (!current.isEnabled || isLooking) return
      isLooking = true
      try {
        await watch.look(current)
      } finally {
        isLooking = false
        lanes.start(current.destinations)
      }
    },
    test() {
      const letter = letterOf({ kind: 'test', id: chance.uniqueId(), atMs: clock.nowMs() })
      return Promise.all(
        current.destinations.map(async (destination) => {
          const outcome = await courier.send(destination, letter, stopTests.signal)
          const failure = outcome.isSent ? undefined : outcome.failure
          return { destination: destination.name, kind: destination.kind, failure }
        }),
      )
    },
    waiting: () => book.waiting(clock.nowMs()),
    async prune() {
      const lost = await book.prune(clock.nowMs())
      if (lost > 0) log.warn({ lost }, 'alerts were not delivered before their window ended')
    },
    apply(next) {
      current = next
    },
    counts: () => ({ ...counts }),
    async close() {
      stopTests.abort()
      await lanes.close()
      await courier.close()
    },
  }
}

function fieldsOf({ id, mark, standing, usedUpAtMs }: BudgetAlert): object {
  return {
    alert: id,
    mark: markName(mark),
    budget: standing.counter,
    window: standing.span.id,
    percent: percentOf(standing),
    usedUpAt: usedUpAtMs === undefined ? undefined : isoText(usedUpAtMs),
  }
}
