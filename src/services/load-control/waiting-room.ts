/** Where requests wait for a place at one target: each for a time, until its caller leaves, or until it is its turn. */
import type { Clock } from '#core/domain/clock.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import { createFairQueue } from '#services/load-control/fair-queue.ts'
import type { FairQueueSettings, Queued } from '#services/load-control/fair-queue.ts'

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

export function createWaitingRoom<T>(
  ports: WaitingRoomPorts,
  settings: () => FairQueueSettings,
): WaitingRoom<T> {
  const { clock } = ports
  const queue = createFairQueue<Waiting>(settings)
  let callOff: (() => void) | undefined

  /** One timer for all who wait, set for the first who must stop waiting. */
  const watch = (): void => {
    if (callOff || queue.size === 0) return
    let firstMs = Number.POSITIVE_INFINITY
    for (const { expiresAtMs } of queue.items()) firstMs = Math.min(firstMs, expiresAtMs)
    callOff = ports.later(Math.max(lookEveryMs, firstMs - clock.monotonicMs()), look)
  }
  const look = (): void => {
    callOff = undefined
    const now = clock.monotonicMs()
    const late = [...queue.items()].filter(({ expiresAtMs }) => expiresAtMs <= now)
    for (const waiting of late) if (queue.remove(waiting)) waiting.turnAway('expired')
    watch()
  }
  const watchFor = ({ expiresAtMs }: Waiting): void => {
    for (const other of queue.items()) if (other.expiresAtMs < expiresAtMs) return
    callOff?.()
    callOff = undefined
    watch()
  }

  return {
    get size() {
      return queue.size
    },
    wait(wish) {
      const { waiting, promise } = waitingOf(wish, ports, (one) => queue.remove(one))
      queue.add(waiting)?.turnAway('crowded')
      watchFor(waiting)
      return promise
    },
    letNext() {
      for (let next = queue.take(); next; next = queue.take()) {
        // Work that cannot be done in time is dropped before it is begun.
        if (next.expiresAtMs > clock.monotonicMs()) {
          next.go()
          return true
        }
        next.turnAway('expired')
      }
      return false
    },
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
