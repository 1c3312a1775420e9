/** The journal of usage rows in the embedded database: written here, added up in a thread of its own. */
import { latencyBoundsMs } from '#core/domain/latency-counts.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { SQLInputValue } from 'node:sqlite'
import type {
  Journal,
  UsageDimension,
  UsageQuery,
  UsageTotal,
} from '#services/analytics-collector/journal.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'
import { createReader } from '#stores/sqlite/reader.ts'
import type { ReadRow } from '#stores/sqlite/reader.ts'
import { usageColumns, usageRowOf, usageValues } from '#stores/sqlite/usage-columns.ts'

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
  return {
    append(rows) {
      database.transaction(() => {
        for (const row of rows) insert.run(...usageValues(row))
      })
    },
    async totals(query) {
      const { where, parameters } = filterOf(query)
      const keys = query.groupBy.map((dimension, i) => `${dimensionSql[dimension]} AS g${i}`)
      const order = query.groupBy.map((_, i) => `g${i}`).join(', ')
      const sql = [
        `SELECT ${[...keys, ...sums].join(', ')} FROM usage_rows WHERE ${where}`,
        order === '' ? 'HAVING count(*) > 0' : `GROUP BY ${order} ORDER BY ${order}`,
        'LIMIT ?',
      ].join(' ')
      const rows = await reader.ask(sql, [...parameters, query.limit])
      return rows.map((row) => totalOf(row, query.groupBy.length))
    },
    async latest(query) {
      const { where, parameters } = filterOf(query)
      const sql = `SELECT ${usageColumns.join(', ')} FROM usage_rows WHERE ${where} ORDER BY started_at_ms DESC LIMIT ?`
      const rows = await reader.ask(sql, [...parameters, query.limit])
      return rows.map(usageRowOf)
    },
    prune: (beforeMs) => database.transaction(() => Number(remove.run(beforeMs).changes)),
    close: reader.close,
  }
}

/** Text of this program, never of a caller: what callers send travels as parameters only. */
const dimensionSql: Readonly<Record<UsageDimension, string>> = {
  tenantId: 'tenant_id',
  keyId: 'key_id',
  userId: 'user_id',
  teamId: 'team_id',
  projectId: 'project_id',
  provider: 'provider',
  model: 'model',
  modelAsked: 'model_asked',
  door: 'door',
  taskType: 'task_type',
  problem: 'problem',
  hour: 'started_at_ms / 3600000 * 3600000',
  day: 'started_at_ms / 86400000 * 86400000',
}

const isEnded = `kind <> 'failed'`
const latencyCount = (column: string, i: number, bound: string) =>
  `sum(${isEnded} AND ${column} IS NOT NULL${bound}) AS ${column}_${i}`
const countsOf = (column: string) => [
  ...latencyBoundsMs.map((bound, i) => latencyCount(column, i, ` AND ${column} <= ${bound}`)),
  latencyCount(column, latencyBoundsMs.length, ''),
]
const sums: readonly string[] = [
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
  ...countsOf('latency_ms'),
  ...countsOf('first_token_ms'),
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

function totalOf(row: ReadRow, dimensions: number): UsageTotal {
  const number = (column: string) => Number(row[column] ?? 0)
  const counts = (column: string) =>
    Array.from({ length: latencyBoundsMs.length + 1 }, (_, i) => number(`${column}_${i}`))
  return {
    group: Array.from({ length: dimensions }, (_, i) => groupValue(row[`g${i}`])),
    requests: number('requests'),
    errors: number('errors'),
    attempts: number('attempts'),
    failedAttempts: number('failed_attempts'),
    cached: number('cached'),
    refused: number('refused'),
    inputTokens: number('input_tokens'),
    outputTokens: number('output_tokens'),
    cachedInputTokens: number('cached_input_tokens'),
    cacheWriteTokens: number('cache_write_tokens'),
    reasoningTokens: number('reasoning_tokens'),
    costNanoUsd: toNanoUsd(number('cost')),
    estimatedCostNanoUsd: toNanoUsd(number('estimated_cost')),
    latencyMsSum: number('latency_ms_sum'),
    overheadMsSum: number('overhead_ms_sum'),
    latencyCounts: counts('latency_ms'),
    firstTokenCounts: counts('first_token_ms'),
  }
}

function groupValue(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}
