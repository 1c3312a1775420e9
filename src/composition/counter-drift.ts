/** What the counters of running windows do not know of a rerating: they keep what was charged when it was charged. */
import type { Correction } from '#core/domain/ledger-hold.ts'
import { windowAt, isRolling } from '#core/domain/budget-window.ts'
import type { BudgetScope } from '#core/domain/budget-scope.ts'
import { addMoney, toNanoUsd, zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import { scopeName } from '#services/budget-manager/budget-limits.ts'
import type { BudgetLimit } from '#services/budget-manager/budget-limits.ts'

export interface DriftedCounter {
  /** `tenant:acme` */
  readonly scope: string
  /** The running window: `2026-11`, `rolling-day`, `total`. */
  readonly window: string
  /** What the rows say beyond the counter; below 0 when the counter has more. */
  readonly differenceNanoUsd: NanoUsd
  /**
   * Where the counter can be corrected: it has counted every charge of its window from the beginning, and all of them
   * were looked at. Undefined: it cannot.
   */
  readonly correctable: Pick<Correction, 'resetsAtMs'> | undefined
}

export interface CounterDrift {
  /** One charge and what it costs by the prices of now. */
  readonly note: (row: UsageRow, costNanoUsd: NanoUsd) => void
  /** The counters that were charged, also those that do not differ, in the order in which they were first met. */
  counters(): readonly DriftedCounter[]
}

type Limit = Pick<BudgetLimit, 'scope' | 'id' | 'tenantId' | 'window' | 'timeZone'>

/** The charges that are looked at. */
export interface DriftPeriod {
  readonly fromMs: number
  readonly toMs: number
}

/** Of those limits that are in force, configured or set while running. */
export function createCounterDrift(
  limits: readonly Limit[],
  nowMs: number,
  period: DriftPeriod,
): CounterDrift {
  const running = limits.map((limit) => ({ limit, ...runningWindow(limit, nowMs) }))
  const correctableOf = (limit: Limit, fromMs: number) => {
    const isWhole = period.fromMs <= fromMs && period.toMs > nowMs
    if (!isWhole || !isAlwaysCounted(limit)) return undefined
    return { resetsAtMs: windowAt(limit.window, nowMs, limit.timeZone).resetsAtMs }
  }
  const found = new Map<string, DriftedCounter>()
  return {
    note(row, costNanoUsd) {
      const difference = toNanoUsd(costNanoUsd - row.costNanoUsd)
      const names = new Map<string, DriftedCounter['correctable']>()
      for (const { limit, fromMs, window } of running) {
        if (row.startedAtMs < fromMs || row.startedAtMs > nowMs) continue
        for (const scope of scopesIn(limit, row))
          names.set(JSON.stringify([scope, window]), correctableOf(limit, fromMs))
      }
      for (const [name, correctable] of names) {
        const [scope = '', window = ''] = JSON.parse(name) as readonly string[]
        const known = found.get(name)?.differenceNanoUsd ?? zeroUsd
        found.set(name, { scope, window, differenceNanoUsd: addMoney(known, difference), correctable })
      }
    },
    counters: () => [...found.values()],
  }
}

function runningWindow({ window, timeZone }: Limit, nowMs: number) {
  const { id, startsAtMs, endsAtMs, resetsAtMs } = windowAt(window, nowMs, timeZone)
  if (!isRolling(window)) return { window: id, fromMs: startsAtMs }
  const lengthMs = (resetsAtMs ?? 0) - (endsAtMs ?? 0)
  return { window, fromMs: startsAtMs - lengthMs }
}

/** Of the calendar month by UTC, tenants, keys and users are counted with and without a limit. */
function isAlwaysCounted({ scope, window, timeZone }: Limit): boolean {
  const isMonth = window === 'month' && (timeZone === undefined || timeZone === 'UTC')
  return isMonth && (scope === 'tenant' || scope === 'key' || scope === 'user')
}

/** The counters of this limit on which the row's request was counted. */
function scopesIn({ scope, id, tenantId }: Limit, row: UsageRow): readonly string[] {
  if (tenantId !== undefined && tenantId !== row.tenantId) return []
  return idsIn(scope, row)
    .filter((own) => own !== null && (id === undefined || id === '*' || own === id))
    .map((own) => scopeName(scope, row.tenantId, own ?? ''))
}

function idsIn(scope: BudgetScope, row: UsageRow): ReadonlyArray<string | null> {
  switch (scope) {
    case 'everyone':
      return ['*']
    case 'organisation':
      return [row.organisationId]
    case 'tenant':
      return [row.tenantId]
    case 'team':
      return [row.teamId]
    case 'project':
      return [row.projectId]
    case 'user':
      return [row.userId ?? `(key ${row.keyId})`]
    case 'key':
      return [row.keyId]
    case 'end_user':
      return [row.endUserId]
    case 'tag':
      return row.tags
    case 'model':
      return [row.model]
    case 'provider':
      return [row.provider]
  }
}
