/** One turn of the event loop as one transaction: gathers what happens to the ledger and writes it together. */
import type { LedgerBook } from '#core/domain/ledger-book.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import type { LedgerEntry, LedgerLog } from '#stores/sqlite/ledger-log.ts'

export interface LedgerTurn {
  /** Takes an entry into this turn; the waiter hears when it is written. */
  readonly add: (entry: LedgerEntry | undefined, waiter: TurnWaiter | undefined) => void
  /** Entries that are not written yet. */
  readonly waiting: () => number
  /** Writes what is left and the counters, now. Throws `store_unavailable`. */
  readonly checkpoint: () => void
}

export interface TurnWaiter {
  readonly written: () => void
  /** Told that the entry is not and will not be written. Undefined: the entry is tried again until it is. */
  readonly failed: ((failure: Problem) => void) | undefined
  /** Told that the entry could not be written yet, and waits for the next try. */
  readonly delayed?: (() => void) | undefined
}

interface Step {
  readonly entry: LedgerEntry | undefined
  readonly waiter: TurnWaiter | undefined
}

/** How long after a failed write the next is tried, when nothing else happens. */
const retryMs = 1_000

export function createLedgerTurn(log: LedgerLog, book: LedgerBook, entriesPerCheckpoint: number): LedgerTurn {
  let steps: Step[] = []
  let isScheduled = false
  let entriesInLog = 0

  const write = () => {
    isScheduled = false
    if (steps.length === 0) return
    const entries = entriesOf(steps)
    try {
      if (entries.length > 0) log.append(entries)
    } catch (thrown) {
      steps = stepsThatStay(steps, toProblem(thrown))
      if (steps.length > 0) setTimeout(write, retryMs).unref()
      return
    }
    const told = steps
    steps = []
    entriesInLog += entries.length
    for (const { waiter } of told) waiter?.written()
    if (entriesInLog >= entriesPerCheckpoint) tryCheckpoint()
  }

  const tryCheckpoint = () => {
    try {
      log.checkpoint(book)
      entriesInLog = 0
    } catch {
      // The log still says everything, and the next turn tries again.
    }
  }

  return {
    waiting: () => steps.length,
    add(entry, waiter) {
      steps.push({ entry, waiter })
      if (isScheduled) return
      isScheduled = true
      setImmediate(write)
    },
    checkpoint() {
      write()
      // What is not in the log yet would count twice if it came after the counters.
      if (steps.length > 0)
        throw new Problem('store_unavailable', { detail: 'The ledger cannot be written.' })
      log.checkpoint(book)
      entriesInLog = 0
    },
  }
}

function entriesOf(steps: readonly Step[]): readonly LedgerEntry[] {
  const entries: LedgerEntry[] = []
  for (const { entry } of steps) if (entry) entries.push(entry)
  return entries
}

/** Holds that could not be written are taken back; what is spent stays spent and is written later. */
function stepsThatStay(steps: readonly Step[], failure: Problem): Step[] {
  return steps.filter(({ waiter }) => {
    waiter?.failed?.(failure)
    waiter?.delayed?.()
    return waiter?.failed === undefined
  })
}
