/** Claims and deliveries of alerts as rows, and the statements about them that both databases understand. */
import type { Claim, Delivery, TakeTerms, WaitingDeliveries } from '#services/alerts/alert-book.ts'
import type { ColumnValue, ReadRow } from '#stores/sql/usage-columns.ts'
import type { Placeholder } from '#stores/sql/usage-queries.ts'

/** `rowLock` follows the choice of a row where several instances choose at once. */
export const alertStatements = (placeholder: Placeholder, rowLock: string) => {
  const places = (count: number) => Array.from({ length: count }, (_, i) => placeholder(i + 1)).join(', ')
  return {
    claim: `INSERT INTO budget_alerts (counter, window_id, mark, limit_nano_usd, forgotten_at_ms, claims)
      VALUES (${places(5)}, 1)
      ON CONFLICT (counter, window_id, mark) DO UPDATE
      SET limit_nano_usd = excluded.limit_nano_usd, claims = budget_alerts.claims + 1
      WHERE budget_alerts.limit_nano_usd < excluded.limit_nano_usd
      RETURNING claims`,
    addDelivery: `INSERT INTO alert_deliveries
      (alert_id, destination, alert, claimed_at_ms, ends_at_ms, due_at_ms, failures) VALUES (${places(6)}, 0)`,
    take: `UPDATE alert_deliveries SET due_at_ms = ${placeholder(1)}
      WHERE (destination, alert_id) IN (
        SELECT destination, alert_id FROM alert_deliveries
        WHERE destination = ${placeholder(2)} AND due_at_ms <= ${placeholder(3)} AND ends_at_ms > ${placeholder(4)}
        ORDER BY claimed_at_ms, alert_id LIMIT 1${rowLock})
      RETURNING alert_id, destination, alert, failures`,
    finish: `DELETE FROM alert_deliveries WHERE alert_id = ${placeholder(1)} AND destination = ${placeholder(2)}`,
    postpone: `UPDATE alert_deliveries SET due_at_ms = ${placeholder(1)}
      WHERE alert_id = ${placeholder(2)} AND destination = ${placeholder(3)}`,
    fail: `UPDATE alert_deliveries
      SET due_at_ms = ${placeholder(1)}, failure = ${placeholder(2)}, failures = failures + 1
      WHERE alert_id = ${placeholder(3)} AND destination = ${placeholder(4)}`,
    waiting: `SELECT destination, count(*) AS count, min(claimed_at_ms) AS claimed_at_ms, max(failures) AS failures,
      (SELECT worst.failure FROM alert_deliveries AS worst
        WHERE worst.destination = alert_deliveries.destination AND worst.ends_at_ms > ${placeholder(1)}
        ORDER BY worst.failures DESC, worst.alert_id LIMIT 1) AS failure
      FROM alert_deliveries WHERE ends_at_ms > ${placeholder(2)} GROUP BY destination ORDER BY destination`,
    pruneClaims: `DELETE FROM budget_alerts WHERE forgotten_at_ms <= ${placeholder(1)}`,
    pruneDeliveries: `DELETE FROM alert_deliveries WHERE ends_at_ms <= ${placeholder(1)} RETURNING alert_id`,
  }
}

export const claimValues = (claim: Claim): ColumnValue[] => [
  claim.counter,
  claim.windowId,
  claim.mark,
  claim.limitNanoUsd,
  claim.forgottenAtMs ?? null,
]

export const deliveryValues = (claim: Claim, destination: string): ColumnValue[] => [
  claim.alertId,
  destination,
  claim.alert,
  claim.claimedAtMs,
  claim.endsAtMs,
  claim.claimedAtMs,
]

export const takeValues = ({ destination, nowMs, heldUntilMs }: TakeTerms): ColumnValue[] => [
  heldUntilMs,
  destination,
  nowMs,
  nowMs,
]

/** What the row that a claim gave back means, and who is told. */
export function claimed(claim: Claim, row: ReadRow | undefined) {
  if (!row) return { answer: 'known', told: [] } as const
  return Number(row['claims']) === 1
    ? ({ answer: 'first', told: claim.destinations } as const)
    : ({ answer: 'again', told: claim.destinationsAgain } as const)
}

export function deliveryOf(row: ReadRow): Delivery {
  return {
    alertId: String(row['alert_id']),
    destination: String(row['destination']),
    alert: String(row['alert']),
    failures: Number(row['failures']),
  }
}

export function waitingOf(row: ReadRow): WaitingDeliveries {
  const { failure } = row as { readonly failure: unknown }
  return {
    destination: String(row['destination']),
    count: Number(row['count']),
    claimedAtMs: Number(row['claimed_at_ms']),
    failure: typeof failure === 'string' ? failure : undefined,
    failures: Number(row['failures']),
  }
}
