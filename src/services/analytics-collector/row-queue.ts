/** Rows on their way to the journal: taken at once, written in batches, kept through a failed write, counted when lost. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { Journal } from '#services/analytics-collector/journal.ts'

export interface RowQueueSettings {
  /** How long a row waits for others at most. */
  readonly flushMs: number
  readonly batchRows: number
  /** Rows that may wait while the journal cannot be written; past this the oldest batch is lost, and counted. */
  readonly waitingRowsMax: number
}

export interface RowCounts {
  readonly pending: number
  readonly written: number
  readonly lost: number
}

export interface RowQueue {
  readonly add: (row: UsageRow) => void
  /** Writes everything that waits. Throws what the journal throws; the rows still wait then. */
  readonly flush: () => Promise<void>
  readonly counts: () => RowCounts
}

export interface RowQueuePorts {
  readonly journal: Journal
  readonly report: (failure: unknown, place: string) => void
}

/** How long after a failed write the next is tried; doubled each time, up to the second number. */
const retryFirstMs = 200
const retryMostMs = 10_000

export function createRowQueue({ journal, report }: RowQueuePorts, settings: RowQueueSettings): RowQueue {
  let rows: UsageRow[] = []
  let inFlight = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let failures = 0
  let written = 0
  let lost = 0

  const writeAll = async () => {
    while (rows.length > 0) {
      const batch = rows.splice(0, settings.batchRows)
      inFlight = batch.length
      try {
        await journal.append(batch)
      } catch (thrown) {
        rows = [...batch, ...rows]
        throw thrown
      } finally {
        inFlight = 0
      }
      failures = 0
      written += batch.length
      // A journal in this process writes in one go: requests get their turn before the next batch.
      if (rows.length > 0) await nextTurn()
    }
  }
  const flush = (): Promise<void> => {
    writing ??= writeAll().finally(() => {
      writing = undefined
    })
    return writing
  }
  const onTimer = () => {
    timer = undefined
    flush().catch((failure: unknown) => {
      failures += 1
      // Once for each outage, not once for each try.
      if (failures === 1) report(failure, 'writing usage rows')
      wait(Math.min(retryMostMs, retryFirstMs * 2 ** (failures - 1)))
    })
  }
  const wait = (delayMs: number) => {
    timer ??= setTimeout(onTimer, delayMs).unref()
  }

  return {
    add(row) {
      rows.push(row)
      if (rows.length > settings.waitingRowsMax) {
        lost += rows.splice(0, Math.min(settings.batchRows, settings.waitingRowsMax)).length
      }
      if (timer) return
      // A full batch goes in the next turn; a failing journal is left alone until its retry.
      wait(rows.length >= settings.batchRows && failures === 0 ? 0 : settings.flushMs)
    },
    flush,
    counts: () => ({ pending: rows.length + inFlight, written, lost }),
  }
}
