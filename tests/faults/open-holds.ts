/** The holds of money that are open in a house's own file, followed entry by entry: cheap enough to ask after every case. */
import type { DatabaseSync } from 'node:sqlite'

export interface OpenHolds {
  /** The ids of all that are open at this moment. */
  read(): ReadonlySet<string>
}

type Entry = readonly [word: string, id: string, ...more: readonly unknown[]]

export function followOpenHolds(database: DatabaseSync): OpenHolds {
  const first = database.prepare('SELECT entries FROM ledger_log ORDER BY sequence LIMIT 1')
  const later = database.prepare(
    'SELECT sequence, entries FROM ledger_log WHERE sequence > ? ORDER BY sequence',
  )
  const open = new Set<string>()
  let begunWith: unknown
  let readTo = 0

  /** When the counters are written the log begins anew, with the holds that are open then. */
  const beginAnew = (beginning: unknown) => {
    begunWith = beginning
    readTo = 0
    open.clear()
  }
  return {
    read() {
      const beginning = first.get()?.['entries']
      if (beginning !== begunWith) beginAnew(beginning)
      for (const { sequence, entries } of later.all(readTo)) {
        readTo = Number(sequence)
        for (const [word, id] of JSON.parse(String(entries)) as readonly Entry[]) {
          if (word === 'hold') open.add(id)
          else open.delete(id)
        }
      }
      return open
    },
  }
}
