/** An alert as JSON: what webhooks receive, and what the alert book keeps. */
import { isoText } from '#core/domain/budget-window.ts'
import { formatUsd } from '#core/domain/money.ts'
import type { Alert } from '#services/alerts/alert.ts'
import { percentOf } from '#services/alerts/passed-marks.ts'

/** The body of a webhook. Amounts are decimal strings of US dollars, times ISO 8601 in UTC. */
export function alertBody(alert: Alert): string {
  const head = { id: alert.id, created_at: isoText(alert.atMs) }
  if (alert.kind === 'test') return JSON.stringify({ type: 'test', ...head })
  const { mark, standing, usedUpAtMs } = alert
  const { span } = standing
  return JSON.stringify({
    type: mark.kind === 'forecast' ? 'budget.forecast' : 'budget.threshold',
    ...head,
    threshold: mark.kind === 'forecast' ? null : mark.threshold,
    budget: {
      scope: standing.scope,
      subject: standing.subject ?? null,
      tenant_id: standing.tenantId ?? null,
      window: standing.window,
      window_id: span.id,
      limit_usd: formatUsd(standing.limitNanoUsd),
      hard: standing.isHard,
    },
    spent_usd: formatUsd(standing.spentNanoUsd),
    percent: percentOf(standing),
    refusing: standing.isRefusing,
    used_up_at: usedUpAtMs === undefined ? null : isoText(usedUpAtMs),
    resets_at: span.resetsAtMs === undefined ? null : isoText(span.resetsAtMs),
  })
}
