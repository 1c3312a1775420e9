/** The journal of usage rows in the embedded database: written here, added up in a thread of its own. */
import { latencyBoundsMs } from '#core/domain/latency-counts.ts'
import type { SQLInputValue } from 'node:sqlite'
import type { Journal, UsageDimension, UsageQuery } from '#services/analytics-collector/journal.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'
import { createReader } from '#stores/sqlite/reader.ts'
import { usageColumn, usageColumns, usageRowOf, usageValues } from '#stores/sqlite/usage-columns.ts'
import { foldBuckets } from '#stores/sqlite/usage-totals.ts'

/** Rows that are removed in one go. */
const rowsPerSlice = 1_000

/** The next turn of the event loop. */
const nextTurn = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })

export interface SqliteJournal extends Journal {
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
      const { where, parameters } = filterOf(query)
      const groups = query.groupBy.map((_, i) => `g${i}`)
      const keys = query.groupBy.map((dimension, i) => `${dimensionSql(dimension)} AS g${i}`)
      const sql = [
        `SELECT ${[...keys, ...buckets, ...sums].join(', ')} FROM usage_rows WHERE ${where}`,
        `GROUP BY ${[...groups, 'latency_bucket', 'first_token_bucket'].join(', ')}`,
        groups.length === 0 ? '' : `ORDER BY ${groups.join(', ')}`,
        'LIMIT ?',
      ].join(' ')
      const rows = await reader.ask(sql, [...parameters, Math.min(query.limit * bucketPairs, rowsMax)])
      return foldBuckets(rows, query.groupBy.length).slice(0, query.limit)
    },
    async latest(query) {
      const { where, parameters } = filterOf(query)
      const sql = `SELECT ${usageColumns.join(', ')} FROM usage_rows WHERE ${where} ORDER BY started_at_ms DESC LIMIT ?`
      const rows = await reader.ask(sql, [...parameters, query.limit])
      return rows.map(usageRowOf)
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

const hourMs = 3_600_000
const dayMs = 86_400_000

/** Text of this program, never of a caller: what callers send travels as parameters only. */
function dimensionSql(dimension: UsageDimension): string {
  if (dimension === 'hour') return `started_at_ms / ${hourMs} * ${hourMs}`
  if (dimension === 'day') return `started_at_ms / ${dayMs} * ${dayMs}`
  return usageColumn(dimension)
}

const isEnded = `kind <> 'failed'`
/** The number of the first bound that a latency does not pass; null where it does not count. */
const bucketOf = (column: string, name: string) => {
  const cases = latencyBoundsMs.map((bound, i) => `WHEN ${column} <= ${bound} THEN ${i}`)
  return `CASE WHEN kind = 'failed' OR ${column} IS NULL THEN NULL ${cases.join(' ')} ELSE ${latencyBoundsMs.length} END AS ${name}`
}
/** Rows come grouped by bucket too, which is ten times cheaper than a sum for each bucket. */
const buckets = [bucketOf('latency_ms', 'latency_bucket'), bucketOf('first_token_ms', 'first_token_bucket')]
const bucketPairs = (latencyBoundsMs.length + 2) ** 2
const rowsMax = 2_000_000
const sums: readonly string[] = [
  'count(*) AS kept',
  `sum(${isEnded}) AS requests`,
  `sum(${isEnded} AND problem IS NOT NULL) AS errors`,
  `sum(kind IN ('failed', 'charge')) AS attempts`,
  `sum(kind = 'failed') AS failed_attempts`,
  `sum(kind = 'cached') AS cached`,
  `sum(kind = 'refused') AS refused`,
  ...['input_tokens', 'output_tokens', 'cached_input_tokens', 'cache_write_tokens', 'reasoning_tokens'].map(
    (column) => `sum(${column}) AS ${column}`,
  ),
  'sum(cost_nano_usd) AS cost',
  'sum(cost_nano_usd * is_estimated) AS estimated_cost',
  `sum(latency_ms * (${isEnded})) AS latency_ms_sum`,
  `sum(overhead_ms * (${isEnded})) AS overhead_ms_sum`,
]

function filterOf(query: UsageQuery): {
  readonly where: string
  readonly parameters: readonly SQLInputValue[]
} {
  const conditions = ['started_at_ms >= ?', 'started_at_ms < ?']
  const parameters: SQLInputValue[] = [query.fromMs, query.toMs]
  const equal = (column: string, value: string | undefined) => {
    if (value === undefined) return
    conditions.push(`${column} = ?`)
    parameters.push(value)
  }
  equal('tenant_id', query.tenantId)
  equal('user_id', query.userId)
  equal('provider', query.provider)
  equal('model', query.model)
  return { where: conditions.join(' AND '), parameters }
}
