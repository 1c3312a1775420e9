/** The ledger's log: what happened since the counters were last written, in rows of JSON, and the counters themselves. */
import type { SQLOutputValue } from 'node:sqlite'
import type { LedgerBook } from '#core/domain/ledger-book.ts'
import type { ChangedBalance, LoadCounter } from '#core/domain/ledger-counters.ts'
import type { HoldRecord } from '#core/domain/ledger-hold.ts'
import { asArray, parseJson } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { toNanoUsd, zeroUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

/** Scope, window and reset (-1 for none) of each counter, one after the other: shorter to write than objects. */
type FlatScopes = ReadonlyArray<string | number>

/** `hold` places or replaces a hold as granted; `expired` is a hold that was charged in full and may still be corrected. */
export type LedgerEntry =
  | readonly ['hold' | 'expired', string, number, number, FlatScopes]
  | readonly ['settle', string, number]
  | readonly ['expire', string]

export interface LedgerLog {
  readonly append: (entries: readonly LedgerEntry[]) => void
  /** Writes the changed counters and begins the log anew with the holds of the book, in one transaction. */
  readonly checkpoint: (book: LedgerBook) => void
  /** Does to an empty book what the log says. */
  readonly replay: (book: LedgerBook) => void
  readonly loadCounter: LoadCounter
  /** The counters as they were last written, of windows that end after a moment. */
  readonly countersEndingAfter: (momentMs: number) => readonly ChangedBalance[]
}

/** Each function throws `store_unavailable` when the file cannot be read or written; nothing has changed then. */
export function createLedgerLog(database: EmbeddedDatabase): LedgerLog {
  const { connection } = database
  const insert = connection.prepare('INSERT INTO ledger_log (entries) VALUES (?)')
  const empty = connection.prepare('DELETE FROM ledger_log')
  const readAll = connection.prepare('SELECT entries FROM ledger_log ORDER BY sequence')
  const readCounter = connection.prepare(
    'SELECT settled_nano_usd AS settled, estimated_nano_usd AS estimated FROM ledger_counters WHERE scope = ? AND window = ?',
  )
  const readCounters = connection.prepare(
    `SELECT scope, window, settled_nano_usd AS settled, estimated_nano_usd AS estimated, resets_at_ms AS resets
     FROM ledger_counters WHERE resets_at_ms IS NULL OR resets_at_ms > ?`,
  )
  const writeCounter = connection.prepare(
    `INSERT INTO ledger_counters (scope, window, settled_nano_usd, estimated_nano_usd, resets_at_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (scope, window) DO UPDATE SET
       settled_nano_usd = excluded.settled_nano_usd, estimated_nano_usd = excluded.estimated_nano_usd`,
  )
  /** Counters taken from the book and not yet written, because a checkpoint failed. */
  let unwritten: ChangedBalance[] = []

  return {
    append(entries) {
      const text = JSON.stringify(entries)
      database.transaction(() => insert.run(text))
    },
    checkpoint(book) {
      unwritten.push(...book.takeChanged())
      const holds = [
        ...book.openHolds().map(holdEntry('hold')),
        ...book.expiredHolds().map(holdEntry('expired')),
      ]
      database.transaction(() => {
        for (const { scope, window, settled, estimated, resetsAtMs } of unwritten) {
          writeCounter.run(scope, window, settled, estimated, resetsAtMs ?? null)
        }
        empty.run()
        if (holds.length > 0) insert.run(JSON.stringify(holds))
      })
      unwritten = []
    },
    replay(book) {
      for (const { entries } of readAll.iterate()) {
        const parsed = typeof entries === 'string' ? parseJson(entries) : undefined
        if (parsed === undefined) throw corrupt(database.file)
        for (const entry of asArray(parsed)) replayEntry(book, asArray(entry), database.file)
      }
    },
    loadCounter(scope, window) {
      const newer = unwritten.findLast((counter) => counter.scope === scope && counter.window === window)
      if (newer) return newer
      const row = readCounter.get(scope, window)
      if (!row) return undefined
      return { settled: toNanoUsd(Number(row['settled'])), estimated: toNanoUsd(Number(row['estimated'])) }
    },
    countersEndingAfter: (momentMs) => readCounters.all(momentMs).map(counterOf),
  }
}

function counterOf(row: Record<string, SQLOutputValue>): ChangedBalance {
  return {
    scope: String(row['scope']),
    window: String(row['window']),
    settled: toNanoUsd(Number(row['settled'])),
    reserved: zeroUsd,
    estimated: toNanoUsd(Number(row['estimated'])),
    resetsAtMs: row['resets'] === null ? undefined : Number(row['resets']),
  }
}

/** The counters of a hold in the form of the log. */
export function flatScopes(scopes: HoldRecord['scopes']): FlatScopes {
  const flat: Array<string | number> = []
  for (const { scope, window, resetsAtMs } of scopes) flat.push(scope, window, resetsAtMs ?? -1)
  return flat
}

const holdEntry =
  (word: 'hold' | 'expired') =>
  ({ holdId, amount, expiresAtMs, scopes }: HoldRecord): LedgerEntry => [
    word,
    holdId,
    amount,
    expiresAtMs,
    flatScopes(scopes),
  ]

function replayEntry(book: LedgerBook, entry: readonly JsonValue[], file: string): void {
  const [word, holdId, amount, expiresAtMs, flat] = entry
  if (typeof holdId !== 'string') throw corrupt(file)
  if (word === 'expire') book.expireHold(holdId)
  else if (word === 'settle' && typeof amount === 'number') book.settle(holdId, toNanoUsd(amount))
  else if (typeof amount === 'number' && typeof expiresAtMs === 'number') {
    const record = { holdId, amount: toNanoUsd(amount), expiresAtMs, scopes: scopesOf(asArray(flat), file) }
    if (word === 'hold') book.restoreHold(record)
    else if (word === 'expired') book.restoreExpired(record)
    else throw corrupt(file)
  } else throw corrupt(file)
}

function scopesOf(flat: readonly JsonValue[], file: string): HoldRecord['scopes'] {
  const scopes: Array<HoldRecord['scopes'][number]> = []
  for (let i = 0; i < flat.length; i += 3) {
    const [scope, window, resets] = flat.slice(i, i + 3)
    if (typeof scope !== 'string' || typeof window !== 'string' || typeof resets !== 'number')
      throw corrupt(file)
    scopes.push({ scope, window, resetsAtMs: resets < 0 ? undefined : resets })
  }
  return scopes
}

/** A log that cannot be read is money that cannot be counted: better not to start than to guess. */
function corrupt(file: string): Problem {
  return new Problem('store_unavailable', {
    detail: `The ledger in ${file} has an entry that cannot be read.`,
    mend: 'Restore the file from a backup, or move it away to begin with empty budgets.',
  })
}
