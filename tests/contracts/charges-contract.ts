/** What every journal must do with charges, what their prices went by, and their adjustments. */
import assert from 'node:assert/strict'
import { toNanoUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { Journal, UsageQuery } from '#services/analytics-collector/journal.ts'

export type JournalTest = (name: string, body: (journal: Journal) => Promise<void>) => void

export const startMs = Date.UTC(2026, 10, 22, 5)
export const rowOf = (requestId: string, more: Partial<UsageRow> = {}): UsageRow => ({
  requestId,
  attempt: 1,
  kind: 'charge',
  startedAtMs: startMs,
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
  costNanoUsd: toNanoUsd(1_500),
  providerCostNanoUsd: toNanoUsd(1_500),
  serviceTier: null,
  billing: null,
  degraded: 'cheaper_models',
  isEstimated: false,
  priceVersion: 'v1',
  latencyMs: 40.5,
  firstTokenMs: 12.25,
  overheadMs: 0.5,
  tags: [],
  ...more,
})
export const allRows: UsageQuery = { fromMs: 0, toMs: Date.UTC(2030, 0), groupBy: [], limit: 1_000 }

export function chargesContract(journalTest: JournalTest): void {
  journalTest('what its price went by comes back as it was', async (journal) => {
    const row = rowOf('r1', {
      providerCostNanoUsd: toNanoUsd(1_200),
      serviceTier: 'flex',
      billing: {
        cacheWriteHourTokens: 3,
        searchUnits: 2,
        serverToolUses: { web_search: 1 },
        isClamped: true,
      },
    })
    await journal.append([row])
    assert.deepEqual(await journal.latest(allRows), [row])
    const [total] = await journal.totals(allRows)
    assert.equal(total?.providerCostNanoUsd, 1_200)
  })

  journalTest('an adjustment corrects money and is no request', async (journal) => {
    const adjust = rowOf('r1', {
      kind: 'adjust',
      attempt: 1_001,
      inputTokens: 0,
      outputTokens: 0,
      costNanoUsd: toNanoUsd(-500),
      providerCostNanoUsd: toNanoUsd(-700),
      firstTokenMs: null,
    })
    await journal.append([rowOf('r1'), adjust])
    await journal.append([adjust])
    const [total] = await journal.totals(allRows)
    assert.deepEqual(
      [
        total?.requests,
        total?.attempts,
        total?.failedAttempts,
        total?.costNanoUsd,
        total?.providerCostNanoUsd,
      ],
      [1, 1, 0, 1_000, 800],
    )
    assert.equal(total?.latencyCounts.at(-1), 1)
  })

  journalTest('charges and adjustments come page by page, those of a request together', async (journal) => {
    const adjust = (requestId: string, attempt: number) =>
      rowOf(requestId, { kind: 'adjust', attempt, costNanoUsd: toNanoUsd(-1) })
    const later = { startedAtMs: startMs + 5 }
    const rows = [
      rowOf('b'),
      adjust('b', 1_001),
      rowOf('a'),
      adjust('a', 1_002),
      adjust('a', 1_001),
      rowOf('a', { tenantId: 'other', provider: 'anthropic' }),
      rowOf('b', { kind: 'rescued', attempt: 2 }),
      rowOf('b', { kind: 'hedged', attempt: 3 }),
      rowOf('c', later),
      rowOf('refused', { kind: 'refused' }),
      rowOf('failed', { kind: 'failed' }),
    ]
    await journal.append(rows)
    const namesOf = (page: readonly UsageRow[]) =>
      page.map(({ tenantId, requestId, attempt }) => `${tenantId} ${requestId} ${attempt}`)
    const wanted = [
      'acme a 1',
      'acme a 1001',
      'acme a 1002',
      'acme b 1',
      'acme b 2',
      'acme b 3',
      'acme b 1001',
      'other a 1',
      'acme c 1',
    ]
    const { fromMs, toMs } = allRows
    for (const limit of [1, 2, 3, 9, 100]) {
      const seen: string[] = []
      let page = await journal.charges({ fromMs, toMs, limit })
      while (page.length > 0) {
        seen.push(...namesOf(page))
        page = await journal.charges({ fromMs, toMs, limit, after: page.at(-1) })
      }
      assert.deepEqual(seen, wanted)
    }
    const narrowed = { fromMs, toMs: startMs + 5, limit: 10, tenantId: 'other', provider: 'anthropic' }
    assert.deepEqual(namesOf(await journal.charges(narrowed)), ['other a 1'])
    assert.deepEqual(await journal.charges({ ...narrowed, provider: 'openai' }), [])
  })
}
