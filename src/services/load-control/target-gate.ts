/** The gate of one target: so many requests at once as it can take, the others in a fair queue that forgets nobody. */
import type { Clock } from '#core/domain/clock.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Priority } from '#core/domain/priority.ts'
import type { Soon } from '#core/domain/soon.ts'
import { createConcurrencyLimit } from '#services/load-control/concurrency-limit.ts'
import type { ConcurrencyBounds, ConcurrencyLimit } from '#services/load-control/concurrency-limit.ts'
import type { FairQueueSettings } from '#services/load-control/fair-queue.ts'
import { createWaitingRoom } from '#services/load-control/waiting-room.ts'
import type { WaitingRoomPorts } from '#services/load-control/waiting-room.ts'

export interface GateSettings extends ConcurrencyBounds, FairQueueSettings {
  readonly queueWaitMs: number
  /** The same for requests of the priority `batch`, for which nobody waits. */
  readonly queueWaitBatchMs: number
}

export interface SlotWish {
  readonly tenantId: string
  readonly priority: Priority
  /** When the caller gives up, by the monotonic clock; undefined when it did not say. */
  readonly dueAtMs: number | undefined
  readonly signal: LeaveSignal
}

/** A place at a target. `leave` gives it back, on every way out; a second time does nothing. */
export interface Slot {
  readonly waitedMs: number
  /** The answer began; undefined where it came whole. */
  answered(firstTokenMs: number | undefined): void
  /** The target refused for overload. Of an answer and a refusal the first counts. */
  refused(): void
  leave(): void
}

export interface TargetGate {
  /** Throws `target_busy`, `deadline_exceeded`, `caller_left`, holding nothing then. */
  enter(wish: SlotWish, mayWait: boolean): Soon<Slot>
  readonly limit: number
  readonly underWay: number
  readonly waiting: number
}

export interface GatePorts extends WaitingRoomPorts {
  readonly onQueue: () => void
  readonly onRefusal: () => void
}

/** What a caller is told to wait who could not be given a place. */
const busyRetryMs = 1_000

export function createTargetGate(name: string, ports: GatePorts, settings: () => GateSettings): TargetGate {
  const { clock } = ports
  const limit = createConcurrencyLimit(settings)
  const room = createWaitingRoom<Slot>(ports, settings)
  let underWay = 0

  const open = (waitedMs: number): Slot => {
    underWay++
    return slotOf({ limit, clock, waitedMs, underWay: () => underWay }, () => {
      underWay--
      admit()
    })
  }
  const admit = (): void => {
    while (underWay < limit.current && room.letNext());
  }
  const busy = (): Problem => {
    ports.onRefusal()
    const detail = `${name} is answering as many requests as it can take.`
    return new Problem('target_busy', { detail, retryAfterMs: busyRetryMs, facts: { target: name } })
  }
  const wait = (wish: SlotWish): Promise<Slot> => {
    const { queueWaitMs, queueWaitBatchMs } = settings()
    const waitMs = wish.priority === 'batch' ? queueWaitBatchMs : queueWaitMs
    const ownMs = clock.monotonicMs() + waitMs
    // Later than this its answer could not begin before the caller gives up.
    const usefulMs = (wish.dueAtMs ?? Number.POSITIVE_INFINITY) - (limit.usualMs ?? 0)
    const isDoomed = usefulMs < ownMs
    ports.onQueue()
    const place = room.wait({
      tenantId: wish.tenantId,
      priority: wish.priority,
      signal: wish.signal,
      expiresAtMs: Math.min(ownMs, usefulMs),
      grant: open,
      refusal: (why) => (why === 'expired' && isDoomed ? doomed(ports) : busy()),
    })
    admit()
    return place
  }

  return {
    enter(wish, mayWait) {
      if (underWay < limit.current && room.size === 0) return open(0)
      if (wish.signal.aborted) throw new Problem('caller_left')
      if (!mayWait || settings().queueMax === 0) throw busy()
      return wait(wish)
    },
    get limit() {
      return limit.current
    },
    get underWay() {
      return underWay
    },
    get waiting() {
      return room.size
    },
  }
}

function doomed({ onRefusal }: GatePorts): Problem {
  onRefusal()
  return new Problem('deadline_exceeded', {
    detail: 'No place at the model came free in the time that the request has.',
  })
}

interface SlotParts {
  readonly limit: ConcurrencyLimit
  readonly clock: Clock
  readonly waitedMs: number
  readonly underWay: () => number
}

function slotOf({ limit, clock, waitedMs, underWay }: SlotParts, giveBack: () => void): Slot {
  const sinceMs = clock.monotonicMs()
  let isHeld = true
  let hasSpoken = false
  const round = () => ({ beganAtMs: sinceMs, nowMs: clock.monotonicMs(), underWay: underWay() })
  return {
    waitedMs,
    answered(firstTokenMs) {
      if (hasSpoken) return
      hasSpoken = true
      limit.answered(firstTokenMs, round())
    },
    refused() {
      if (hasSpoken) return
      hasSpoken = true
      limit.refused(round())
    },
    leave() {
      if (!isHeld) return
      isHeld = false
      giveBack()
    },
  }
}
