/** A top-up as a row, and the statements about top-ups that both databases understand. */
import { toNanoUsd } from '#core/domain/money.ts'
import type { PrepaidAccount, PrepaidOwner, TopUp } from '#services/budget-manager/top-up-book.ts'
import type { ColumnValue, ReadRow } from '#stores/sql/usage-columns.ts'
import type { Placeholder } from '#stores/sql/usage-queries.ts'

const columns = [
  'top_up_id',
  'scope',
  'tenant_id',
  'subject_id',
  'amount_nano_usd',
  'note',
  'added_at_ms',
  'added_by',
] as const

export const topUpStatements = (placeholder: Placeholder) => ({
  add: `INSERT INTO prepaid_top_ups (${columns.join(', ')}) VALUES (${columns.map((_, i) => placeholder(i + 1)).join(', ')})
    ON CONFLICT (top_up_id) DO NOTHING RETURNING top_up_id`,
  find: `SELECT ${columns.join(', ')} FROM prepaid_top_ups WHERE top_up_id = ${placeholder(1)}`,
  list: `SELECT ${columns.join(', ')} FROM prepaid_top_ups
    WHERE scope = ${placeholder(1)} AND tenant_id = ${placeholder(2)} AND subject_id = ${placeholder(3)}
    ORDER BY added_at_ms DESC, top_up_id LIMIT ${placeholder(4)}`,
  accounts: `SELECT scope, tenant_id, subject_id, SUM(amount_nano_usd) AS paid_in_nano_usd, COUNT(*) AS top_ups
    FROM prepaid_top_ups GROUP BY scope, tenant_id, subject_id ORDER BY scope, tenant_id, subject_id`,
})

export const topUpValues = (topUp: TopUp): ColumnValue[] => [
  topUp.topUpId,
  topUp.scope,
  topUp.tenantId,
  topUp.id,
  topUp.amountNanoUsd,
  topUp.note ?? null,
  topUp.addedAtMs,
  topUp.addedBy,
]

export const ownerValues = ({ scope, tenantId, id }: PrepaidOwner): ColumnValue[] => [scope, tenantId, id]

/** Written by this program alone, so its words are taken as they are. */
export function topUpOf(row: ReadRow): TopUp {
  const note = row['note']
  return {
    ...ownerOf(row),
    topUpId: String(row['top_up_id']),
    amountNanoUsd: toNanoUsd(Number(row['amount_nano_usd'])),
    note: typeof note === 'string' ? note : undefined,
    addedAtMs: Number(row['added_at_ms']),
    addedBy: String(row['added_by']),
  }
}

export const accountOf = (row: ReadRow): PrepaidAccount => ({
  ...ownerOf(row),
  paidInNanoUsd: toNanoUsd(Number(row['paid_in_nano_usd'])),
  topUps: Number(row['top_ups']),
})

const ownerOf = (row: ReadRow): PrepaidOwner => ({
  scope: String(row['scope']) as PrepaidOwner['scope'],
  tenantId: String(row['tenant_id']),
  id: String(row['subject_id']),
})
