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
import type { WaitingRoom, WaitingRoomPorts } from '#services/load-control/waiting-room.ts'

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

export const createTargetGate = (name: string, ports: GatePorts, settings: () => GateSettings): TargetGate =>
  new LimitedGate(name, ports, settings)

class LimitedGate implements TargetGate {
  readonly #name: string
  readonly #ports: GatePorts
  readonly #settings: () => GateSettings
  readonly #limit: ConcurrencyLimit
  readonly #room: WaitingRoom<Slot>
  readonly #slots: ReturnType<typeof createSlots>

  constructor(name: string, ports: GatePorts, settings: () => GateSettings) {
    this.#name = name
    this.#ports = ports
    this.#settings = settings
    this.#limit = createConcurrencyLimit(settings)
    this.#room = createWaitingRoom<Slot>(ports, settings)
    this.#slots = createSlots(this.#limit, ports.clock, () => this.#admit())
  }

  get limit(): number {
    return this.#limit.current
  }

  get underWay(): number {
    return this.#slots.underWay()
  }

  get waiting(): number {
    return this.#room.size
  }

  enter(wish: SlotWish, mayWait: boolean): Soon<Slot> {
    if (this.underWay < this.limit && this.waiting === 0) return this.#slots.open(0)
    if (wish.signal.aborted) throw new Problem('caller_left')
    if (!mayWait || this.#settings().queueMax === 0) throw this.#busy()
    return this.#wait(wish)
  }

  #wait(wish: SlotWish): Promise<Slot> {
    const { queueWaitMs, queueWaitBatchMs } = this.#settings()
    const waitMs = wish.priority === 'batch' ? queueWaitBatchMs : queueWaitMs
    const ownMs = this.#ports.clock.monotonicMs() + waitMs
    // Later than this its answer could not begin before the caller gives up.
    const usefulMs = (wish.dueAtMs ?? Number.POSITIVE_INFINITY) - (this.#limit.usualMs ?? 0)
    const isDoomed = usefulMs < ownMs
    this.#ports.onQueue()
    const place = this.#room.wait({
      tenantId: wish.tenantId,
      priority: wish.priority,
      signal: wish.signal,
      expiresAtMs: Math.min(ownMs, usefulMs),
      grant: this.#slots.open,
      refusal: (why) => (why === 'expired' && isDoomed ? doomed(this.#ports) : this.#busy()),
    })
    this.#admit()
    return place
  }

  #admit(): void {
    while (this.underWay < this.limit && this.#room.letNext());
  }

  #busy(): Problem {
    this.#ports.onRefusal()
    const detail = `${this.#name} is answering as many requests as it can take.`
    const facts = { target: this.#name }
    return new Problem('target_busy', { detail, retryAfterMs: busyRetryMs, facts })
  }
}

function doomed({ onRefusal }: GatePorts): Problem {
  onRefusal()
  return new Problem('deadline_exceeded', {
    detail: 'No place at the model came free in the time that the request has.',
  })
}

/** What all slots of a gate have in common. */
interface SlotParts {
  readonly limit: ConcurrencyLimit
  readonly clock: Clock
  readonly underWay: () => number
  readonly giveBack: () => void
}

/** The slots of a gate, which counts those that are held; `freed` is told when one was given back. */
function createSlots(limit: ConcurrencyLimit, clock: Clock, freed: () => void) {
  let held = 0
  const parts: SlotParts = {
    limit,
    clock,
    underWay: () => held,
    giveBack() {
      held--
      freed()
    },
  }
  return {
    underWay: parts.underWay,
    open(this: void, waitedMs: number): Slot {
      held++
      return new GateSlot(parts, waitedMs)
    },
  }
}

/** A class, because each request has one and a function for each of its members costs more than what they do. */
class GateSlot implements Slot {
  readonly waitedMs: number
  readonly #parts: SlotParts
  readonly #sinceMs: number
  #isHeld = true
  #hasSpoken = false

  constructor(parts: SlotParts, waitedMs: number) {
    this.waitedMs = waitedMs
    this.#parts = parts
    this.#sinceMs = parts.clock.monotonicMs()
  }

  answered(firstTokenMs: number | undefined): void {
    if (this.#hasSpoken) return
    this.#hasSpoken = true
    this.#parts.limit.answered(firstTokenMs, this.#round())
  }

  refused(): void {
    if (this.#hasSpoken) return
    this.#hasSpoken = true
    this.#parts.limit.refused(this.#round())
  }

  leave(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#parts.giveBack()
  }

  #round(): { beganAtMs: number; nowMs: number; underWay: number } {
    const { clock, underWay } = this.#parts
    return { beganAtMs: this.#sinceMs, nowMs: clock.monotonicMs(), underWay: underWay() }
  }
}
