/** The journal of usage rows in PostgreSQL: the book that every instance writes to, each row exactly once. */
import type { Journal } from '#services/analytics-collector/journal.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { createDayPartitions } from '#stores/postgres/day-partitions.ts'
import { usageColumns, usageRowOf, usageValues } from '#stores/sql/usage-columns.ts'
import type { ColumnValue } from '#stores/sql/usage-columns.ts'
import { chargesQuery, latestQuery, totalsQuery } from '#stores/sql/usage-queries.ts'
import type { SqlForms } from '#stores/sql/usage-queries.ts'
import { foldBuckets } from '#stores/sql/usage-totals.ts'

const forms: SqlForms = {
  placeholder: (position) => `$${position}`,
  joinTags: 'LEFT JOIN LATERAL json_array_elements_text(usage_rows.tags::json) AS tag_entry(value) ON TRUE',
}

/** Rows travel as one parameter, so that one statement fits batches of any size. */
const insertRows = `
  INSERT INTO usage_rows (${usageColumns.join(', ')})
  SELECT ${usageColumns.join(', ')} FROM json_populate_recordset(NULL::usage_rows, $1::json)
  ON CONFLICT DO NOTHING`

/** Each function throws `store_unavailable` when the database cannot be reached. */
export function createPostgresJournal(database: SharedDatabase): Journal {
  const partitions = createDayPartitions(database)
  return {
    async append(rows) {
      if (rows.length === 0) return
      await partitions.ensure(rows.map(({ startedAtMs }) => startedAtMs))
      const records = rows.map((row) => recordOf(usageValues(row)))
      await database.write(insertRows, [JSON.stringify(records)])
    },
    async totals(query) {
      const { sql, parameters } = totalsQuery(query, forms)
      const rows = await database.read(sql, parameters)
      return foldBuckets(rows, query.groupBy.length).slice(0, query.limit)
    },
    async latest(query) {
      const { sql, parameters } = latestQuery(query, forms)
      return (await database.read(sql, parameters)).map(usageRowOf)
    },
    async charges(query) {
      const { sql, parameters } = chargesQuery(query, forms)
      return (await database.read(sql, parameters)).map(usageRowOf)
    },
    async prune(beforeMs) {
      const dropped = await partitions.dropBefore(beforeMs)
      const [left] = await database.write(
        'WITH gone AS (DELETE FROM usage_rows WHERE started_at_ms < $1 RETURNING 1) SELECT count(*) AS gone FROM gone',
        [beforeMs],
      )
      return dropped + Number(left?.['gone'] ?? 0)
    },
  }
}

function recordOf(values: readonly ColumnValue[]): Record<string, ColumnValue> {
  const record: Record<string, ColumnValue> = {}
  for (const [position, column] of usageColumns.entries()) record[column] = values[position] ?? null
  return record
}
