/** The journal of usage rows in memory: the latest ones, up to a bound. */
import { countLatency, emptyLatencyCounts } from '#core/domain/latency-counts.ts'
import { addMoney, zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { paidKinds } from '#core/domain/request-record.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type {
  ChargePlace,
  Journal,
  UsageDimension,
  UsageQuery,
  UsageTotal,
} from '#services/analytics-collector/journal.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Past `rowsMax` the oldest rows are forgotten. */
export function createMemoryJournal(rowsMax = 100_000): Journal {
  const rows = new Map<string, UsageRow>()
  return {
    append(added) {
      for (const row of added) {
        const key = JSON.stringify([row.tenantId, row.requestId, row.attempt, row.kind])
        if (!rows.has(key)) rows.set(key, row)
      }
      for (const oldest of rows.keys()) {
        if (rows.size <= rowsMax) break
        rows.delete(oldest)
      }
    },
    totals(query) {
      const groups = new Map<string, { group: UsageTotal['group']; rows: UsageRow[] }>()
      for (const row of rows.values()) {
        if (!isWithin(row, query)) continue
        const tags = query.groupBy.includes('tag') && row.tags.length > 0 ? row.tags : [null]
        for (const tag of tags) {
          const group = query.groupBy.map((dimension) =>
            dimension === 'tag' ? tag : valueOf(row, dimension),
          )
          const key = JSON.stringify(group)
          const known = groups.get(key)
          if (known) known.rows.push(row)
          else groups.set(key, { group, rows: [row] })
        }
      }
      return [...groups.values()]
        .map(({ group, rows: own }) => totalOf(group, own))
        .sort((a, b) => compareGroups(a.group, b.group))
        .slice(0, query.limit)
    },
    latest(query) {
      return [...rows.values()]
        .filter((row) => isWithin(row, query))
        .sort((a, b) => b.startedAtMs - a.startedAtMs)
        .slice(0, query.limit)
    },
    charges(query) {
      const { after } = query
      return [...rows.values()]
        .filter(({ kind }) => kind === 'adjust' || paidKinds.includes(kind))
        .filter((row) => isWithin(row, query) && (after === undefined || comparePlaces(row, after) > 0))
        .sort(comparePlaces)
        .slice(0, query.limit)
    },
    prune(beforeMs) {
      let removed = 0
      for (const [key, row] of rows) {
        if (row.startedAtMs >= beforeMs) continue
        rows.delete(key)
        removed += 1
      }
      return removed
    },
  }
}

function comparePlaces(a: ChargePlace, b: ChargePlace): number {
  return compareGroups(placeOf(a), placeOf(b))
}

const placeOf = ({ startedAtMs, tenantId, requestId, attempt, kind }: ChargePlace) => [
  startedAtMs,
  tenantId,
  requestId,
  attempt,
  kind,
]

function isWithin(row: UsageRow, query: Omit<UsageQuery, 'groupBy' | 'limit'>): boolean {
  return (
    row.startedAtMs >= query.fromMs &&
    row.startedAtMs < query.toMs &&
    (query.tenantId === undefined || row.tenantId === query.tenantId) &&
    (query.userId === undefined || row.userId === query.userId) &&
    (query.provider === undefined || row.provider === query.provider) &&
    (query.model === undefined || row.model === query.model)
  )
}

function valueOf(row: UsageRow, dimension: Exclude<UsageDimension, 'tag'>): string | number | null {
  if (dimension === 'hour') return Math.floor(row.startedAtMs / hourMs) * hourMs
  if (dimension === 'day') return Math.floor(row.startedAtMs / dayMs) * dayMs
  return row[dimension]
}

/** Nothing comes before everything else, as in SQL. */
function compareGroups(a: UsageTotal['group'], b: UsageTotal['group']): number {
  for (let i = 0; i < a.length; i += 1) {
    const [left, right] = [a[i] ?? null, b[i] ?? null]
    if (left === right) continue
    if (left === null) return -1
    if (right === null) return 1
    return left < right ? -1 : 1
  }
  return 0
}

/** Paid for, and no request of its own. */
const isPart = (kind: UsageRow['kind']) => kind === 'rescued' || kind === 'hedged'

function totalOf(group: UsageTotal['group'], rows: readonly UsageRow[]): UsageTotal {
  const ended = rows.filter(({ kind }) => kind !== 'failed' && kind !== 'adjust' && !isPart(kind))
  const latencyCounts = emptyLatencyCounts()
  const firstTokenCounts = emptyLatencyCounts()
  for (const { latencyMs, firstTokenMs } of ended) {
    countLatency(latencyCounts, latencyMs)
    if (firstTokenMs !== null) countLatency(firstTokenCounts, firstTokenMs)
  }
  return {
    group,
    requests: ended.length,
    errors: ended.filter(({ problem }) => problem !== null).length,
    attempts: rows.filter(({ kind }) => kind === 'failed' || kind === 'charge' || isPart(kind)).length,
    failedAttempts: rows.filter(({ kind }) => kind === 'failed').length,
    cached: rows.filter(({ kind }) => kind === 'cached').length,
    refused: rows.filter(({ kind }) => kind === 'refused').length,
    inputTokens: sum(rows, (row) => row.inputTokens),
    outputTokens: sum(rows, (row) => row.outputTokens),
    cachedInputTokens: sum(rows, (row) => row.cachedInputTokens),
    cacheWriteTokens: sum(rows, (row) => row.cacheWriteTokens),
    reasoningTokens: sum(rows, (row) => row.reasoningTokens),
    costNanoUsd: sumMoney(rows, (row) => row.costNanoUsd),
    providerCostNanoUsd: sumMoney(rows, (row) => row.providerCostNanoUsd),
    estimatedCostNanoUsd: sumMoney(rows, (row) => (row.isEstimated ? row.costNanoUsd : zeroUsd)),
    latencyMsSum: sum(ended, (row) => row.latencyMs),
    overheadMsSum: sum(ended, (row) => row.overheadMs),
    latencyCounts,
    firstTokenCounts,
  }
}

function sum(rows: readonly UsageRow[], valueOfRow: (row: UsageRow) => number): number {
  let all = 0
  for (const row of rows) all += valueOfRow(row)
  return all
}

function sumMoney(rows: readonly UsageRow[], valueOfRow: (row: UsageRow) => NanoUsd): NanoUsd {
  let all = zeroUsd
  for (const row of rows) all = addMoney(all, valueOfRow(row))
  return all
}
