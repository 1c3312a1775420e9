/** The deadline keeper: one clock tick for all exchanges, instead of a timer for each piece of each answer. */
import type { Clock } from '#core/domain/clock.ts'
import { createCrowd } from '#core/domain/crowd.ts'
import type { Member } from '#core/domain/crowd.ts'

/** Something that must have moved on by a certain time. */
export interface Watched extends Member {
  /** By the monotonic clock. */
  readonly dueAtMs: number
  expire(): void
}

export interface DeadlineKeeper {
  watch(exchange: Watched): void
  forget(exchange: Watched): void
  stop(): void
}

/** Deadlines are seconds long; they are kept to within this. */
const tickMs = 20

export function createDeadlineKeeper(clock: Clock): DeadlineKeeper {
  const watched = createCrowd<Watched>()
  let ticking: NodeJS.Timeout | undefined

  const stop = () => {
    clearInterval(ticking)
    ticking = undefined
  }
  const tick = () => {
    const now = clock.monotonicMs()
    watched.each((exchange) => {
      if (exchange.dueAtMs <= now) exchange.expire()
    })
    if (watched.size === 0) stop()
  }

  return {
    watch(exchange) {
      watched.add(exchange)
      ticking ??= setInterval(tick, tickMs)
    },
    forget(exchange) {
      watched.remove(exchange)
    },
    stop() {
      stop()
      watched.each((exchange) => watched.remove(exchange))
    },
  }
}
