/** Where requests wait for a place at one target: each for a time, until its caller leaves, or until it is its turn. */
import type { Clock } from '#core/domain/clock.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import { createFairQueue } from '#services/load-control/fair-queue.ts'
import type { FairQueue, FairQueueSettings, Queued } from '#services/load-control/fair-queue.ts'

export interface WaitWish<T> extends Queued {
  readonly expiresAtMs: number
  readonly signal: LeaveSignal
  /** What whoever waited gets, made at the moment of its turn. */
  readonly grant: (waitedMs: number) => T
  /** Why it waited in vain: others had to go first, or its time was over. */
  readonly refusal: (why: 'crowded' | 'expired') => Problem
}

export interface WaitingRoom<T> {
  readonly size: number
  /** Throws the wish's refusal, and `caller_left`. */
  wait(wish: WaitWish<T>): Promise<T>
  /** Lets the next in turn go, dropping those whose time is over; false when none is left. */
  letNext(): boolean
}

export interface WaitingRoomPorts {
  readonly clock: Clock
  /** Calls back once after a while; returns the way to call it off. */
  readonly later: (durationMs: number, callBack: () => void) => () => void
  /** Told how long each one waited, whatever came of it. */
  readonly onEnd: (waitedMs: number) => void
}

interface Waiting extends Queued {
  readonly expiresAtMs: number
  readonly go: () => void
  readonly turnAway: (why: 'crowded' | 'expired' | 'left') => void
}

/** Waits are looked through no more often than this. */
const lookEveryMs = 10

export const createWaitingRoom = <T>(
  ports: WaitingRoomPorts,
  settings: () => FairQueueSettings,
): WaitingRoom<T> => new FairWaitingRoom<T>(ports, settings)

class FairWaitingRoom<T> implements WaitingRoom<T> {
  readonly #ports: WaitingRoomPorts
  readonly #queue: FairQueue<Waiting>
  #callOff: (() => void) | undefined

  constructor(ports: WaitingRoomPorts, settings: () => FairQueueSettings) {
    this.#ports = ports
    this.#queue = createFairQueue<Waiting>(settings)
  }

  get size(): number {
    return this.#queue.size
  }

  wait(wish: WaitWish<T>): Promise<T> {
    const { waiting, promise } = waitingOf(wish, this.#ports, (one) => this.#queue.remove(one))
    this.#queue.add(waiting)?.turnAway('crowded')
    this.#watchFor(waiting)
    return promise
  }

  letNext(): boolean {
    for (let next = this.#queue.take(); next; next = this.#queue.take()) {
      // Work that cannot be done in time is dropped before it is begun.
      if (next.expiresAtMs > this.#ports.clock.monotonicMs()) {
        next.go()
        return true
      }
      next.turnAway('expired')
    }
    return false
  }

  /** One timer for all who wait, set for the first who must stop waiting. */
  #watch(): void {
    if (this.#callOff || this.#queue.size === 0) return
    let firstMs = Number.POSITIVE_INFINITY
    for (const { expiresAtMs } of this.#queue.items()) firstMs = Math.min(firstMs, expiresAtMs)
    const leftMs = firstMs - this.#ports.clock.monotonicMs()
    this.#callOff = this.#ports.later(Math.max(lookEveryMs, leftMs), () => this.#look())
  }

  #look(): void {
    this.#callOff = undefined
    const now = this.#ports.clock.monotonicMs()
    const late = [...this.#queue.items()].filter(({ expiresAtMs }) => expiresAtMs <= now)
    for (const waiting of late) if (this.#queue.remove(waiting)) waiting.turnAway('expired')
    this.#watch()
  }

  #watchFor({ expiresAtMs }: Waiting): void {
    for (const other of this.#queue.items()) if (other.expiresAtMs < expiresAtMs) return
    this.#callOff?.()
    this.#callOff = undefined
    this.#watch()
  }
}

/** One who waits, and the promise of what it gets. */
function waitingOf<T>(
  wish: WaitWish<T>,
  { clock, onEnd }: WaitingRoomPorts,
  remove: (waiting: Waiting) => boolean,
): { readonly waiting: Waiting; readonly promise: Promise<T> } {
  const { tenantId, priority, expiresAtMs, signal } = wish
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const sinceMs = clock.monotonicMs()
  const end = (): number => {
    signal.removeEventListener('abort', leave)
    const waitedMs = clock.monotonicMs() - sinceMs
    onEnd(waitedMs)
    return waitedMs
  }
  const waiting: Waiting = {
    tenantId,
    priority,
    expiresAtMs,
    go: () => resolve(wish.grant(end())),
    turnAway(why) {
      end()
      reject(why === 'left' ? new Problem('caller_left') : wish.refusal(why))
    },
  }
  const leave = () => {
    if (remove(waiting)) waiting.turnAway('left')
  }
  signal.addEventListener('abort', leave, { once: true })
  return { waiting, promise }
}
