/** A rule about requests and tokens as a row, and the statements about rules that both databases understand. */
import type { StoredRule } from '#services/rate-limiter/rule-shelf.ts'
import { countedStatements } from '#stores/sql/counted-table.ts'
import type { CountedStatements, CountedTable } from '#stores/sql/counted-table.ts'
import type { ColumnValue, ReadRow } from '#stores/sql/usage-columns.ts'
import type { Placeholder } from '#stores/sql/usage-queries.ts'

const columns = [
  'rule_id',
  'level',
  'subject_id',
  'tenant_id',
  'window_kind',
  'requests',
  'tokens',
  'concurrent_requests',
  'set_at_ms',
  'set_by',
] as const

const ruleStatements = (placeholder: Placeholder): CountedStatements =>
  countedStatements({ table: 'rate_rules', changes: 'rate_rule_changes', columns }, placeholder)

function ruleValues(rule: StoredRule): ColumnValue[] {
  const { requests, tokens, concurrentRequests } = rule.amounts
  return [
    rule.ruleId,
    rule.level,
    rule.id ?? null,
    rule.tenantId ?? null,
    rule.window,
    requests ?? null,
    tokens ?? null,
    concurrentRequests ?? null,
    rule.setAtMs,
    rule.setBy,
  ]
}

/** Written by this program alone, so its words are taken as they are. */
function ruleOf(row: ReadRow): StoredRule {
  const text = (column: string) => {
    const value = row[column]
    return typeof value === 'string' ? value : undefined
  }
  const count = (column: string) => {
    const value = row[column] ?? null
    return value === null ? undefined : Number(value)
  }
  return {
    ruleId: text('rule_id') ?? '',
    level: text('level') as StoredRule['level'],
    id: text('subject_id'),
    tenantId: text('tenant_id'),
    window: text('window_kind') as StoredRule['window'],
    amounts: {
      requests: count('requests'),
      tokens: count('tokens'),
      concurrentRequests: count('concurrent_requests'),
    },
    setAtMs: Number(row['set_at_ms']),
    setBy: text('set_by') ?? '',
  }
}

export const ruleTable: CountedTable<StoredRule> = {
  statements: ruleStatements,
  valuesOf: ruleValues,
  itemOf: ruleOf,
}
