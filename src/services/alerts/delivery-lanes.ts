/** The lanes: one for each destination, so that one which hangs keeps nobody else waiting. */
import type { AlertDestination } from '#core/domain/alert-destination.ts'
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { AlertBook, Delivery } from '#services/alerts/alert-book.ts'
import type { Courier } from '#services/alerts/courier.ts'
import { readLetter } from '#services/alerts/letter.ts'

export interface LanePorts {
  readonly book: Pick<AlertBook, 'take' | 'finish' | 'postpone'>
  readonly courier: Courier
  readonly clock: Clock
  readonly chance: Chance
  /** Hears of each delivery; without a failure it was made. */
  readonly note: (delivery: Delivery, failure: string | undefined) => void
  readonly report: (failure: unknown, place: string) => void
}

export interface DeliveryLanes {
  /** Begins to deliver what waits, where that is not going on already. */
  start(destinations: readonly AlertDestination[]): void
  /** Breaks off what is running, gives it back to the book and waits for that. */
  close(): Promise<void>
}

/** Longer than all attempts of one delivery with their pauses. */
const heldMs = 120_000
const dueAgainBaseMs = 30_000
const dueAgainMaxMs = 900_000

export function createDeliveryLanes({
  book,
  courier,
  clock,
  chance,
  note,
  report,
}: LanePorts): DeliveryLanes {
  const running = new Map<string, Promise<void>>()
  const closing = new AbortController()
  const { signal } = closing

  /** Whether the lane may go on. */
  const deliver = async (destination: AlertDestination, delivery: Delivery): Promise<boolean> => {
    const outcome = await courier.deliver(destination, readLetter(delivery.alert), signal)
    if (outcome.isSent) {
      await book.finish(delivery.alertId, delivery.destination)
      note(delivery, undefined)
      return true
    }
    if (signal.aborted) {
      await book.postpone(delivery, clock.nowMs(), undefined)
      return false
    }
    const growing = Math.min(dueAgainBaseMs * 2 ** Math.min(delivery.failures, 10), dueAgainMaxMs)
    const dueAtMs = clock.nowMs() + Math.ceil(growing * (0.5 + chance.fraction() / 2))
    await book.postpone(delivery, dueAtMs, outcome.failure)
    note(delivery, outcome.failure)
    return false
  }

  const run = async (destination: AlertDestination): Promise<void> => {
    for (let isOpen = true; isOpen && !signal.aborted;) {
      const nowMs = clock.nowMs()
      const terms = { destination: destination.name, nowMs, heldUntilMs: nowMs + heldMs }
      const delivery = await book.take(terms)
      isOpen = delivery !== undefined && (await deliver(destination, delivery))
    }
  }

  return {
    start(destinations) {
      for (const destination of destinations) {
        const { name } = destination
        if (signal.aborted || running.has(name)) continue
        const lane = run(destination)
          .catch((failure: unknown) => report(failure, `delivering alerts to ${name}`))
          .finally(() => running.delete(name))
        running.set(name, lane)
      }
    },
    async close() {
      closing.abort()
      await Promise.all(running.values())
    },
  }
}
