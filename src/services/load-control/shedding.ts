/**
 * Shedding: which requests are turned away while this process itself has more work than it can do, judged by how late
 * its event loop is and how full its memory. Levels rise quickly and fall slowly, so that they do not flutter.
 */
import type { Priority } from '#core/domain/priority.ts'
import type { Writable } from '#core/domain/writable.ts'

/**
 * 0: everybody is served. 1: no `batch`. 2: also no `normal` that would have to wait for its target.
 * 3: only `critical`. Answers that have begun go on at every level.
 */
export type SheddingLevel = 0 | 1 | 2 | 3

export interface LoadReading {
  /** How late the event loop was since the last reading: 99th percentile, in milliseconds. */
  readonly loopDelayMs: number
  /** The fuller of heap and resident memory, as a share of what may be used, from 0 to 1. */
  readonly memoryShare: number
}

export interface SheddingSettings {
  readonly isEnabled: boolean
  /** From which delay on each level holds, in order. */
  readonly loopDelayMs: readonly [number, number, number]
  /** From which share of memory on. */
  readonly memoryShare: readonly [number, number, number]
}

export interface Shedding {
  readonly level: SheddingLevel
  readonly reading: LoadReading
  /** Takes a new reading, at regular intervals. */
  tick(): void
  isShed(priority: Priority): boolean
  readonly shedsWaiting: boolean
}

/** A level must be passed in so many readings one after the other: one pause for rubbish collection is no overload. */
const readingsToRise = 2
/** ... and be clearly left for so many before it falls by one. */
const readingsToFall = 4
const fallShare = 0.7

const calm: LoadReading = { loopDelayMs: 0, memoryShare: 0 }

export function createShedding(read: () => LoadReading, settings: () => SheddingSettings): Shedding {
  /** The level that the last reading spoke for, and how many have spoken for falling. */
  let lastWanted: SheddingLevel = 0
  let calmReadings = 0
  let rising = 0

  const moveTo = (level: SheddingLevel) => {
    shedding.level = level
    shedding.shedsWaiting = level >= 2
  }
  const rise = (wanted: SheddingLevel) => {
    calmReadings = 0
    rising++
    // What all of these readings spoke for.
    lastWanted = rising === 1 ? wanted : lower(wanted, lastWanted)
    if (rising < readingsToRise) return
    moveTo(lastWanted)
    rising = 0
  }
  const fall = (floor: SheddingLevel) => {
    rising = 0
    calmReadings = floor < shedding.level ? calmReadings + 1 : 0
    if (calmReadings < readingsToFall) return
    moveTo((shedding.level - 1) as SheddingLevel)
    calmReadings = 0
  }

  const shedding: Writable<Shedding> = {
    level: 0,
    reading: calm,
    shedsWaiting: false,
    tick() {
      shedding.reading = read()
      const current = settings()
      if (!current.isEnabled) {
        moveTo(0)
        return
      }
      const wanted = levelOf(shedding.reading, current, 1)
      if (wanted > shedding.level) rise(wanted)
      else fall(levelOf(shedding.reading, current, fallShare))
    },
    isShed: (priority) =>
      priority === 'batch' ? shedding.level >= 1 : priority === 'normal' && shedding.level >= 3,
  }
  return shedding
}

const lower = (one: SheddingLevel, other: SheddingLevel): SheddingLevel => (one < other ? one : other)

/** The highest level of which a share is reached by either sign. */
function levelOf(
  { loopDelayMs, memoryShare }: LoadReading,
  settings: SheddingSettings,
  share: number,
): SheddingLevel {
  const reached = ([1, 2, 3] as const).filter(
    (level) =>
      loopDelayMs >= (settings.loopDelayMs[level - 1] ?? Number.POSITIVE_INFINITY) * share ||
      memoryShare >= memoryEdge(settings.memoryShare[level - 1] ?? 1, share),
  )
  return reached.at(-1) ?? 0
}

/** Memory falls less far than delays do: what is freed at once is a few per cent. */
function memoryEdge(edge: number, share: number): number {
  return share === 1 ? edge : edge - memoryFallShare
}
const memoryFallShare = 0.05
