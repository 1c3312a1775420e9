/** Questions about usage rows as SQL that SQLite and PostgreSQL both understand. */
import { paidKinds } from '#core/domain/request-record.ts'
import { latencyBoundsMs } from '#core/domain/latency-counts.ts'
import type {
  ChargePlace,
  ChargeQuery,
  UsageDimension,
  UsageQuery,
} from '#services/analytics-collector/journal.ts'
import { usageColumn, usageColumns } from '#stores/sql/usage-columns.ts'
import type { ColumnValue } from '#stores/sql/usage-columns.ts'

export interface SqlQuestion {
  readonly sql: string
  readonly parameters: readonly ColumnValue[]
}

/** How the database writes the place of its n-th parameter, counted from 1: `?`, `$1`. */
export type Placeholder = (position: number) => string

/** What the databases write each in their own way. */
export interface SqlForms {
  readonly placeholder: Placeholder
  /** Joins each row with its tags, one `tag_entry.value` each, or NULL for none. */
  readonly joinTags: string
}

/** One row for each group and pair of latency buckets, for `foldBuckets`. */
export function totalsQuery(query: UsageQuery, { placeholder, joinTags }: SqlForms): SqlQuestion {
  const { where, parameters } = filterOf(query, placeholder)
  const groups = query.groupBy.map((_, i) => `g${i}`)
  const keys = query.groupBy.map((dimension, i) => `${dimensionSql(dimension)} AS g${i}`)
  const sql = [
    `SELECT ${[...keys, ...buckets, ...sums].join(', ')} FROM usage_rows ${query.groupBy.includes('tag') ? joinTags : ''} WHERE ${where}`,
    `GROUP BY ${[...groups, 'latency_bucket', 'first_token_bucket'].join(', ')}`,
    groups.length === 0 ? '' : `ORDER BY ${groups.map((group) => `${group} NULLS FIRST`).join(', ')}`,
    `LIMIT ${placeholder(parameters.length + 1)}`,
  ].join(' ')
  return { sql, parameters: [...parameters, Math.min(query.limit * bucketPairs, rowsMax)] }
}

/** The newest rows first. */
export function latestQuery(query: UsageQuery, { placeholder }: SqlForms): SqlQuestion {
  const { where, parameters } = filterOf(query, placeholder)
  const sql = `SELECT ${usageColumns.join(', ')} FROM usage_rows WHERE ${where} ORDER BY started_at_ms DESC LIMIT ${placeholder(parameters.length + 1)}`
  return { sql, parameters: [...parameters, query.limit] }
}

const place: ReadonlyArray<keyof ChargePlace> = ['startedAtMs', 'tenantId', 'requestId', 'attempt', 'kind']
const placeColumns = place.map((field) => usageColumn(field)).join(', ')

const chargeKinds = [...paidKinds, 'adjust'].map((kind) => `'${kind}'`).join(', ')

/** One page of charges and adjustments, from after a row on. */
export function chargesQuery(query: ChargeQuery, { placeholder }: SqlForms): SqlQuestion {
  const { where, parameters } = filterOf(query, placeholder)
  const values: ColumnValue[] = [...parameters]
  const hold = (value: ColumnValue) => placeholder(values.push(value))
  const { after } = query
  const isAfter = after
    ? `AND (${placeColumns}) > (${place.map((field) => hold(after[field])).join(', ')})`
    : ''
  const sql = [
    `SELECT ${usageColumns.join(', ')} FROM usage_rows`,
    `WHERE ${where} AND kind IN (${chargeKinds}) ${isAfter}`,
    `ORDER BY ${placeColumns} LIMIT ${hold(query.limit)}`,
  ].join(' ')
  return { sql, parameters: values }
}

const hourMs = 3_600_000
const dayMs = 86_400_000

/** Text of this program, never of a caller: what callers send travels as parameters only. */
function dimensionSql(dimension: UsageDimension): string {
  if (dimension === 'hour') return `started_at_ms / ${hourMs} * ${hourMs}`
  if (dimension === 'day') return `started_at_ms / ${dayMs} * ${dayMs}`
  if (dimension === 'tag') return 'tag_entry.value'
  return usageColumn(dimension)
}

const isEnded = `kind NOT IN ('failed', 'rescued', 'hedged', 'adjust')`
/** The number of the first bound that a latency does not pass; null where it does not count. */
const bucketOf = (column: string, name: string) => {
  const cases = latencyBoundsMs.map((bound, i) => `WHEN ${column} <= ${bound} THEN ${i}`)
  return `CASE WHEN NOT (${isEnded}) OR ${column} IS NULL THEN NULL ${cases.join(' ')} ELSE ${latencyBoundsMs.length} END AS ${name}`
}
/** Rows come grouped by bucket too, which is ten times cheaper than a sum for each bucket. */
const buckets = [bucketOf('latency_ms', 'latency_bucket'), bucketOf('first_token_ms', 'first_token_bucket')]
const bucketPairs = (latencyBoundsMs.length + 2) ** 2
const rowsMax = 2_000_000
const sums: readonly string[] = [
  'count(*) AS kept',
  `count(*) FILTER (WHERE ${isEnded}) AS requests`,
  `count(*) FILTER (WHERE ${isEnded} AND problem IS NOT NULL) AS errors`,
  `count(*) FILTER (WHERE kind IN ('failed', 'charge', 'rescued', 'hedged')) AS attempts`,
  `count(*) FILTER (WHERE kind = 'failed') AS failed_attempts`,
  `count(*) FILTER (WHERE kind = 'cached') AS cached`,
  `count(*) FILTER (WHERE kind = 'refused') AS refused`,
  ...['input_tokens', 'output_tokens', 'cached_input_tokens', 'cache_write_tokens', 'reasoning_tokens'].map(
    (column) => `sum(${column}) AS ${column}`,
  ),
  'sum(cost_nano_usd) AS cost',
  'sum(coalesce(provider_cost_nano_usd, cost_nano_usd)) AS provider_cost',
  'sum(cost_nano_usd * is_estimated) AS estimated_cost',
  `sum(latency_ms) FILTER (WHERE ${isEnded}) AS latency_ms_sum`,
  `sum(overhead_ms) FILTER (WHERE ${isEnded}) AS overhead_ms_sum`,
]

function filterOf(
  query: Omit<UsageQuery, 'groupBy' | 'limit'>,
  placeholder: Placeholder,
): { readonly where: string; readonly parameters: readonly ColumnValue[] } {
  const conditions: string[] = []
  const parameters: ColumnValue[] = []
  const hold = (condition: string, value: ColumnValue | undefined) => {
    if (value === undefined) return
    parameters.push(value)
    conditions.push(`${condition} ${placeholder(parameters.length)}`)
  }
  hold('started_at_ms >=', query.fromMs)
  hold('started_at_ms <', query.toMs)
  hold('tenant_id =', query.tenantId)
  hold('user_id =', query.userId)
  hold('provider =', query.provider)
  hold('model =', query.model)
  return { where: conditions.join(' AND '), parameters }
}
