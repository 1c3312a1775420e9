/** The collector: rows are counted at once, written soon, and never lost without a word. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { toNanoUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import { createAnalyticsCollector } from '#services/analytics-collector/analytics-collector.ts'
import type { AnalyticsSettings } from '#services/analytics-collector/analytics-collector.ts'
import type { Journal, UsageTotal } from '#services/analytics-collector/journal.ts'
import { metricTable } from '#services/analytics-collector/metric-table.ts'

const rowOf = (requestId: string, more: Partial<UsageRow> = {}): UsageRow => ({
  requestId,
  attempt: 1,
  kind: 'charge',
  startedAtMs: 0,
  tenantId: 'acme',
  keyId: 'k1',
  userId: 'ann',
  teamId: null,
  projectId: null,
  endUserId: null,
  organisationId: null,
  door: 'generate',
  taskType: null,
  modelAsked: 'auto',
  provider: 'openai',
  model: 'gpt-4o',
  isStreamed: false,
  isSimulated: true,
  status: 200,
  problem: null,
  finish: 'stop',
  inputTokens: 10,
  outputTokens: 20,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  costNanoUsd: toNanoUsd(1_500_000_000),
  providerCostNanoUsd: toNanoUsd(1_500),
  serviceTier: null,
  billing: null,
  degraded: null,
  isEstimated: false,
  priceVersion: 'v1',
  latencyMs: 40,
  firstTokenMs: 12,
  overheadMs: 0.2,
  tags: [],
  ...more,
})

function open(settings: Partial<AnalyticsSettings> = {}, totals: readonly UsageTotal[] = []) {
  const written: string[] = []
  const batches: number[] = []
  const reports: unknown[] = []
  const disk = { isBroken: false }
  const journal: Journal = {
    append(rows) {
      if (disk.isBroken) throw new Error('no space left')
      batches.push(rows.length)
      written.push(...rows.map(({ requestId }) => requestId))
    },
    totals: () => totals,
    latest: () => [],
    charges: () => [],
    prune: (beforeMs) => beforeMs,
  }
  const collector = createAnalyticsCollector(
    {
      journal,
      clock: { nowMs: () => 10 * 24 * 3_600_000, monotonicMs: () => 0 },
      report: (failure) => void reports.push(failure),
      readings: { signalbox_open_streams: () => 3, signalbox_budget_refusals_total: () => 4 },
    },
    {
      flushMs: 1,
      batchRows: 3,
      waitingRowsMax: 7,
      keepDays: 9,
      version: '1.2.3',
      nodeVersion: 'v26',
      withProcessMetrics: false,
      ...settings,
    },
  )
  return { collector, written, batches, reports, disk }
}

test('rows are written in batches, in their order, without anyone waiting', async () => {
  const { collector, written, batches } = open()
  for (const id of ['a', 'b', 'c', 'd']) collector.record(rowOf(id))
  assert.deepEqual(written, [])
  while (written.length < 4) await pause(1)
  assert.deepEqual(
    [written, batches],
    [
      ['a', 'b', 'c', 'd'],
      [3, 1],
    ],
  )
  assert.deepEqual(collector.counts(), { pending: 0, written: 4, lost: 0 })
})

test('flush writes everything that waits', async () => {
  const { collector, written } = open({ flushMs: 60_000 })
  for (const id of ['a', 'b', 'c', 'd', 'e']) collector.record(rowOf(id))
  await collector.flush()
  assert.deepEqual(written, ['a', 'b', 'c', 'd', 'e'])
})

test('rows outlive a journal that cannot be written, and the operator hears of it once', async () => {
  const { collector, written, reports, disk } = open()
  disk.isBroken = true
  collector.record(rowOf('a'))
  while (reports.length === 0) await pause(1)
  collector.record(rowOf('b'))
  await assert.rejects(collector.flush(), /no space left/)
  disk.isBroken = false
  await collector.flush()
  assert.deepEqual(written, ['a', 'b'])
  assert.equal(reports.length, 1)
})

test('rows beyond what may wait are lost, and counted', async () => {
  const { collector, written, disk } = open({ flushMs: 60_000, batchRows: 2, waitingRowsMax: 4 })
  disk.isBroken = true
  for (const id of ['a', 'b', 'c', 'd', 'e']) collector.record(rowOf(id))
  assert.deepEqual(collector.counts(), { pending: 3, written: 0, lost: 2 })
  disk.isBroken = false
  await collector.flush()
  assert.deepEqual(written, ['c', 'd', 'e'])
  assert.match(await collector.metricsText(), /signalbox_usage_rows_lost_total 2/)
})

test('the metrics say what the rows said', async () => {
  const { collector } = open()
  collector.record(rowOf('a', { kind: 'failed', status: 503, problem: 'provider_overloaded' }))
  collector.record(rowOf('a', { attempt: 2 }))
  collector.record(rowOf('b', { kind: 'cached', attempt: 0, costNanoUsd: toNanoUsd(0) }))
  collector.record(
    rowOf('c', {
      kind: 'refused',
      attempt: 0,
      status: 402,
      problem: 'budget_exceeded',
      provider: null,
      model: null,
    }),
  )
  const text = await collector.metricsText()
  for (const line of [
    'signalbox_requests_total{door="generate",provider="openai",model="gpt-4o",status="2xx",cached="no"} 1',
    'signalbox_requests_total{door="generate",provider="openai",model="gpt-4o",status="2xx",cached="yes"} 1',
    'signalbox_requests_total{door="generate",provider="none",model="none",status="4xx",cached="no"} 1',
    'signalbox_attempts_total{provider="openai",outcome="failed"} 1',
    'signalbox_attempts_total{provider="openai",outcome="ok"} 1',
    'signalbox_tokens_total{kind="output",provider="openai",model="gpt-4o"} 20',
    'signalbox_cost_usd_total{provider="openai",model="gpt-4o"} 1.5',
    'signalbox_refusals_total{code="budget_exceeded"} 1',
    'signalbox_open_streams 3',
    'signalbox_budget_refusals_total 4',
    'signalbox_build_info{version="1.2.3",node="v26"} 1',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\n\n${text}`)
  }
  assert.ok(!text.includes('acme') && !text.includes('ann'))
})

test('every metric of the text stands in the table, with its help', async () => {
  const { collector } = open()
  const text = await collector.metricsText()
  const names = [...text.matchAll(/^# HELP (\S+) (.+)$/gm)]
  assert.ok(names.length > 10)
  for (const [, name = '', help] of names) {
    const kind = Object.entries(metricTable).find(([known]) => known === name)
    assert.equal(kind?.[1].help, help, name)
  }
})

test('more models than any catalogue has become one label', async () => {
  const { collector } = open({ waitingRowsMax: 5_000, flushMs: 60_000 })
  for (let i = 0; i < 1_500; i += 1) collector.record(rowOf(`r${i}`, { model: `made-up-${i}` }))
  const text = await collector.metricsText()
  assert.match(text, /signalbox_cost_usd_total\{provider="openai",model="other"\} 750/)
  await collector.flush()
})

test('rows older than the settings keep are removed', async () => {
  assert.equal(await open().collector.prune(), 24 * 3_600_000)
  assert.equal(await open({ keepDays: undefined }).collector.prune(), 0)
})

test('days are folded into months, sums added and percentiles told', async () => {
  const day = (dayMs: number, requests: number): UsageTotal => ({
    group: [dayMs, 'gpt-4o'],
    requests,
    errors: 1,
    attempts: requests,
    failedAttempts: 0,
    cached: 0,
    refused: 0,
    inputTokens: 10,
    outputTokens: 20,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    costNanoUsd: toNanoUsd(7),
    providerCostNanoUsd: toNanoUsd(1_000),
    estimatedCostNanoUsd: toNanoUsd(0),
    latencyMsSum: requests * 5,
    overheadMsSum: requests,
    latencyCounts: Array.from({ length: 18 }, () => requests),
    firstTokenCounts: Array.from({ length: 18 }, () => 0),
  })
  const days = [Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 30), Date.UTC(2026, 11, 1)]
  const { collector } = open(
    {},
    days.map((dayMs, i) => day(dayMs, i + 1)),
  )
  const lines = await collector.usage({
    fromMs: 0,
    toMs: 1,
    period: 'monthly',
    groupBy: ['model'],
    limit: 10,
  })
  assert.deepEqual(
    lines.map(({ periodStartMs, group, requests, costNanoUsd }) => [
      periodStartMs,
      ...group,
      requests,
      costNanoUsd,
    ]),
    [
      [Date.UTC(2026, 10), 'gpt-4o', 3, 14],
      [Date.UTC(2026, 11), 'gpt-4o', 3, 7],
    ],
  )
  const { mean, p50, p95 } = lines[0]?.latencyMs ?? {}
  assert.deepEqual([mean, p50, p95?.toFixed(3)], [5, 5, '9.500'])
  assert.deepEqual(lines[0]?.firstTokenMs, { p50: null, p95: null })
})
