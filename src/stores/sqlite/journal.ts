/** The journal of usage rows in the embedded database: written here, added up in a thread of its own. */
import type { UsageRow } from '#core/domain/request-record.ts'
import type { Journal } from '#services/analytics-collector/journal.ts'
import type { Outbox } from '#services/analytics-collector/relayed-journal.ts'
import { usageColumns, usageRowOf, usageValues } from '#stores/sql/usage-columns.ts'
import { chargesQuery, latestQuery, totalsQuery } from '#stores/sql/usage-queries.ts'
import type { SqlForms, SqlQuestion } from '#stores/sql/usage-queries.ts'
import { foldBuckets } from '#stores/sql/usage-totals.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'
import { createReader } from '#stores/sqlite/reader.ts'
import type { Reader } from '#stores/sqlite/reader.ts'

/** Rows that are removed in one go. */
const rowsPerSlice = 1_000

/** The next turn of the event loop. */
const nextTurn = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })

const forms: SqlForms = {
  placeholder: () => '?',
  joinTags: 'LEFT JOIN json_each(usage_rows.tags) AS tag_entry ON TRUE',
}

export interface SqliteJournal extends Journal, Outbox {
  readonly close: () => Promise<void>
}

/** Each function throws `store_unavailable` when the file cannot be read or written. */
export function createSqliteJournal(database: EmbeddedDatabase): SqliteJournal {
  const { connection } = database
  const reader = createReader(database)
  const places = usageColumns.map(() => '?').join(', ')
  const insert = connection.prepare(
    `INSERT INTO usage_rows (${usageColumns.join(', ')}) VALUES (${places}) ON CONFLICT DO NOTHING`,
  )
  const remove = connection.prepare('DELETE FROM usage_rows WHERE started_at_ms < ?')
  const selectOldest = connection.prepare(
    `SELECT ${usageColumns.join(', ')} FROM usage_rows ORDER BY started_at_ms LIMIT ?`,
  )
  const removeOne = connection.prepare(
    'DELETE FROM usage_rows WHERE started_at_ms = ? AND tenant_id = ? AND request_id = ? AND attempt = ? AND kind = ?',
  )
  const farEnd = connection.prepare(
    `SELECT started_at_ms AS at FROM usage_rows WHERE started_at_ms < ? ORDER BY started_at_ms LIMIT 1 OFFSET ${rowsPerSlice}`,
  )
  /** Few rows at a time, so that requests get their turn in between. */
  const removeSlice = (beforeMs: number) => {
    const end = farEnd.get(beforeMs)?.['at']
    const isLast = typeof end !== 'number'
    return { removed: Number(remove.run(isLast ? beforeMs : end + 1).changes), isLast }
  }
  return {
    append(rows) {
      database.transaction(() => {
        for (const row of rows) insert.run(...usageValues(row))
      })
    },
    async totals(query) {
      const { sql, parameters } = totalsQuery(query, forms)
      return foldBuckets(await reader.ask(sql, parameters), query.groupBy.length).slice(0, query.limit)
    },
    latest: (query) => readRows(reader, latestQuery(query, forms)),
    charges: (query) => readRows(reader, chargesQuery(query, forms)),
    oldest: (limit) => selectOldest.all(limit).map(usageRowOf),
    remove(rows) {
      database.transaction(() => {
        for (const { startedAtMs, tenantId, requestId, attempt, kind } of rows) {
          removeOne.run(startedAtMs, tenantId, requestId, attempt, kind)
        }
      })
    },
    async prune(beforeMs) {
      let removed = 0
      for (;;) {
        const slice = database.transaction(() => removeSlice(beforeMs))
        removed += slice.removed
        if (slice.isLast) return removed
        await nextTurn()
      }
    },
    close: reader.close,
  }
}

async function readRows(reader: Reader, { sql, parameters }: SqlQuestion): Promise<readonly UsageRow[]> {
  return (await reader.ask(sql, parameters)).map(usageRowOf)
}
