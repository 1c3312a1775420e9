/**
 * A journal of two: rows are kept here at once, and moved to the one that all instances share as soon as it takes
 * them. A shared database that is away costs nobody a request and nobody a row.
 */
import type { Journal } from '#services/analytics-collector/journal.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { Soon } from '#core/domain/soon.ts'

/** Where rows wait. Throws `store_unavailable` when it cannot be read or written. */
export interface Outbox {
  append(rows: readonly UsageRow[]): Soon<void>
  oldest(limit: number): Soon<readonly UsageRow[]>
  remove(rows: readonly UsageRow[]): Soon<void>
}

export interface RelayPorts {
  readonly outbox: Outbox
  readonly shared: Journal
  readonly report: (failure: unknown, place: string) => void
}

export interface RelayedJournal extends Journal {
  /** Moves everything that waits. Throws what either journal throws; the rows still wait then. */
  relay(): Promise<void>
  /** No more rows are moved; what waits is moved after the next start. */
  close(): void
}

const batchRows = 500
const retryFirstMs = 500
const retryMostMs = 10_000

export function createRelayedJournal({ outbox, shared, report }: RelayPorts): RelayedJournal {
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  let isClosed = false

  const moveAll = async () => {
    for (let rows = await outbox.oldest(batchRows); rows.length > 0; rows = await outbox.oldest(batchRows)) {
      // Written first and removed after: whatever ends between the two writes the same rows again, which changes nothing.
      await shared.append(rows)
      await outbox.remove(rows)
    }
    failures = 0
  }
  const relay = (): Promise<void> => {
    running ??= moveAll().finally(() => {
      running = undefined
    })
    return running
  }
  const onTimer = () => {
    timer = undefined
    relay().catch((failure: unknown) => {
      failures += 1
      // Once for each outage, not once for each try.
      if (failures === 1) report(failure, 'moving usage rows to the shared database')
      wait(Math.min(retryMostMs, retryFirstMs * 2 ** (failures - 1)))
    })
  }
  const wait = (delayMs: number) => {
    if (!isClosed) timer ??= setTimeout(onTimer, delayMs).unref()
  }
  // What an earlier process left behind.
  wait(0)

  return {
    async append(rows) {
      await outbox.append(rows)
      wait(0)
    },
    async totals(query) {
      await relay()
      return shared.totals(query)
    },
    async latest(query) {
      await relay()
      return shared.latest(query)
    },
    async charges(query) {
      await relay()
      return shared.charges(query)
    },
    prune: (beforeMs) => shared.prune(beforeMs),
    relay,
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
