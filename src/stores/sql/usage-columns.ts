/** A usage row as columns and back: one list that says which column holds what. */
import { asArray, asObject, parseJson } from '#core/domain/json.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'

/** A row as a database gives it, by column. */
export type ReadRow = Readonly<Record<string, unknown>>
export type ColumnValue = string | number | null

type Form = 'text' | 'number' | 'flag' | 'list' | 'object'

const columnOf = {
  startedAtMs: ['started_at_ms', 'number'],
  tenantId: ['tenant_id', 'text'],
  requestId: ['request_id', 'text'],
  attempt: ['attempt', 'number'],
  kind: ['kind', 'text'],
  keyId: ['key_id', 'text'],
  userId: ['user_id', 'text'],
  teamId: ['team_id', 'text'],
  projectId: ['project_id', 'text'],
  door: ['door', 'text'],
  taskType: ['task_type', 'text'],
  modelAsked: ['model_asked', 'text'],
  provider: ['provider', 'text'],
  model: ['model', 'text'],
  isStreamed: ['is_streamed', 'flag'],
  isSimulated: ['is_simulated', 'flag'],
  status: ['status', 'number'],
  problem: ['problem', 'text'],
  finish: ['finish', 'text'],
  inputTokens: ['input_tokens', 'number'],
  outputTokens: ['output_tokens', 'number'],
  cachedInputTokens: ['cached_input_tokens', 'number'],
  cacheWriteTokens: ['cache_write_tokens', 'number'],
  reasoningTokens: ['reasoning_tokens', 'number'],
  costNanoUsd: ['cost_nano_usd', 'number'],
  isEstimated: ['is_estimated', 'flag'],
  priceVersion: ['price_version', 'text'],
  latencyMs: ['latency_ms', 'number'],
  firstTokenMs: ['first_token_ms', 'number'],
  overheadMs: ['overhead_ms', 'number'],
  tags: ['tags', 'list'],
  providerCostNanoUsd: ['provider_cost_nano_usd', 'number'],
  serviceTier: ['service_tier', 'text'],
  billing: ['billing', 'object'],
  degraded: ['degraded', 'text'],
  endUserId: ['end_user_id', 'text'],
  organisationId: ['organisation_id', 'text'],
} as const satisfies Readonly<Record<keyof UsageRow, readonly [string, Form]>>

const fields = Object.entries(columnOf) as ReadonlyArray<readonly [keyof UsageRow, readonly [string, Form]]>

const fieldNames: ReadonlyArray<keyof UsageRow> = fields.map(([field]) => field)

export const usageColumns: readonly string[] = fields.map(([, [column]]) => column)

/** The column that holds a field. */
export const usageColumn = (field: keyof UsageRow): string => columnOf[field][0]

/** The values of a row in the order of the columns. */
export function usageValues(row: UsageRow): ColumnValue[] {
  const values: ColumnValue[] = []
  for (const field of fieldNames) values.push(columnValue(row[field]))
  return values
}

function columnValue(value: UsageRow[keyof UsageRow]): ColumnValue {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}

/** A row as it was kept. Written by this program alone, so its words are taken as they are. */
export function usageRowOf(kept: ReadRow): UsageRow {
  const row: Partial<Record<keyof UsageRow, unknown>> = {}
  for (const [field, [column, form]] of fields) {
    const value = kept[column] ?? null
    if (form === 'flag') row[field] = value === 1
    else if (form === 'object')
      row[field] = typeof value === 'string' ? (asObject(parseJson(value)) ?? null) : null
    else if (form === 'list') row[field] = asArray(parseJson(typeof value === 'string' ? value : '[]'))
    else row[field] = value
  }
  const costNanoUsd = toNanoUsd(Number(kept['cost_nano_usd']))
  // Rows of before there were margins: the tenant was charged what it cost.
  const providerCost = kept['provider_cost_nano_usd'] ?? costNanoUsd
  return {
    ...(row as unknown as UsageRow),
    costNanoUsd,
    providerCostNanoUsd: toNanoUsd(Number(providerCost)),
  }
}
