/** A budget limit as a row, and the statements about limits that both databases understand. */
import type { DegradeStep } from '#core/domain/degrade-step.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { StoredLimit } from '#services/budget-manager/limit-shelf.ts'
import { countedStatements } from '#stores/sql/counted-table.ts'
import type { CountedStatements, CountedTable } from '#stores/sql/counted-table.ts'
import type { ColumnValue, ReadRow } from '#stores/sql/usage-columns.ts'
import type { Placeholder } from '#stores/sql/usage-queries.ts'

const columns = [
  'limit_id',
  'scope',
  'subject_id',
  'tenant_id',
  'window_kind',
  'limit_nano_usd',
  'is_hard',
  'set_at_ms',
  'set_by',
  'time_zone',
  'degrade',
] as const

export const limitStatements = (placeholder: Placeholder): CountedStatements =>
  countedStatements({ table: 'budget_limits', changes: 'budget_limit_changes', columns }, placeholder)

function limitValues(limit: StoredLimit): ColumnValue[] {
  return [
    limit.limitId,
    limit.scope,
    limit.id ?? null,
    limit.tenantId ?? null,
    limit.window,
    limit.limitNanoUsd,
    limit.isHard === false ? 0 : 1,
    limit.setAtMs,
    limit.setBy,
    limit.timeZone ?? null,
    limit.degrade ? JSON.stringify(limit.degrade) : null,
  ]
}

/** Written by this program alone, so its words are taken as they are. */
function limitOf(row: ReadRow): StoredLimit {
  const text = (column: string) => {
    const value = row[column]
    return typeof value === 'string' ? value : undefined
  }
  return {
    limitId: text('limit_id') ?? '',
    scope: text('scope') as StoredLimit['scope'],
    id: text('subject_id'),
    tenantId: text('tenant_id'),
    window: text('window_kind') as StoredLimit['window'],
    limitNanoUsd: toNanoUsd(Number(row['limit_nano_usd'])),
    isHard: Number(row['is_hard']) === 1,
    setAtMs: Number(row['set_at_ms']),
    setBy: text('set_by') ?? '',
    timeZone: text('time_zone'),
    degrade: stepsOf(text('degrade')),
  }
}

/** A step without an output cap has none written down. */
function stepsOf(text: string | undefined): StoredLimit['degrade'] {
  if (text === undefined) return undefined
  const steps = JSON.parse(text) as ReadonlyArray<
    Omit<DegradeStep, 'outputTokens'> & { outputTokens?: number }
  >
  return steps.map((step) => ({ ...step, outputTokens: step.outputTokens }))
}

export const limitTable: CountedTable<StoredLimit> = {
  statements: limitStatements,
  valuesOf: limitValues,
  itemOf: limitOf,
}
