/** What every journal of usage rows must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, asyncProperty, constantFrom, integer, record, subarray } from 'fast-check'
import { latencyBoundsMs } from '#core/domain/latency-counts.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { Journal, UsageDimension, UsageQuery } from '#services/analytics-collector/journal.ts'
import { createMemoryJournal } from '#stores/memory/journal.ts'
import { allRows as all, chargesContract, rowOf, startMs } from '#tests/contracts/charges-contract.ts'
import type { JournalTest } from '#tests/contracts/charges-contract.ts'

export interface OpenJournal {
  readonly journal: Journal
  readonly close: () => void | Promise<void>
}

function journalTests(store: string, open: () => OpenJournal | Promise<OpenJournal>): JournalTest {
  return (name, body) => {
    test(`${store} journal: ${name}`, async () => {
      const { journal, close } = await open()
      try {
        await body(journal)
      } finally {
        await close()
      }
    })
  }
}

export function journalContract(store: string, open: () => OpenJournal | Promise<OpenJournal>): void {
  const journalTest = journalTests(store, open)
  chargesContract(journalTest)

  journalTest('a row comes back as it was written', async (journal) => {
    const row = rowOf('r1', {
      tags: ['a', 'b "c"'],
      isStreamed: true,
      userId: null,
      problem: 'stream_cut',
      finish: null,
      endUserId: 'eve',
      organisationId: 'holding',
    })
    await journal.append([row])
    assert.deepEqual(await journal.latest(all), [row])
  })

  journalTest('a row that is written again is there once', async (journal) => {
    await journal.append([rowOf('r1'), rowOf('r2')])
    await journal.append([rowOf('r2'), rowOf('r2', { tenantId: 'other' }), rowOf('r2', { attempt: 2 })])
    const [total] = await journal.totals(all)
    assert.equal(total?.requests, 4)
    assert.equal(total?.costNanoUsd, 6_000)
  })

  journalTest(
    'totals tell requests, attempts, failures, known answers and refusals apart',
    async (journal) => {
      const problem = 'provider_overloaded'
      const free = { costNanoUsd: toNanoUsd(0), inputTokens: 0, outputTokens: 0, firstTokenMs: null }
      await journal.append([
        rowOf('r1', { kind: 'failed', status: 503, problem, ...free }),
        rowOf('r1', { attempt: 2, isEstimated: true }),
        rowOf('r2', { kind: 'cached', attempt: 0, ...free }),
        rowOf('r3', { kind: 'refused', attempt: 0, status: 402, problem: 'budget_exceeded', ...free }),
      ])
      const [total] = await journal.totals(all)
      assert.ok(total)
      const { requests, errors, attempts, failedAttempts, cached, refused } = total
      assert.deepEqual(
        { requests, errors, attempts, failedAttempts, cached, refused },
        { requests: 3, errors: 1, attempts: 2, failedAttempts: 1, cached: 1, refused: 1 },
      )
      assert.deepEqual(
        [total.costNanoUsd, total.estimatedCostNanoUsd, total.outputTokens],
        [1_500, 1_500, 20],
      )
      assert.deepEqual([total.latencyCounts.at(-1), total.firstTokenCounts.at(-1)], [3, 1])
      assert.equal(total.latencyCounts[latencyBoundsMs.indexOf(25)], 0)
      assert.equal(total.latencyCounts[latencyBoundsMs.indexOf(50)], 3)
    },
  )

  journalTest('groups and filters keep to what was asked for', async (journal) => {
    await journal.append([
      rowOf('r1', { userId: 'ann' }),
      rowOf('r2', { userId: 'bob', startedAtMs: startMs + 3_600_000 }),
      rowOf('r3', { userId: null, model: 'claude', startedAtMs: startMs + 24 * 3_600_000 }),
      rowOf('r4', { tenantId: 'other', userId: 'ann' }),
    ])
    const groups = async (query: Partial<UsageQuery>) =>
      (await journal.totals({ ...all, ...query })).map(({ group, requests }) => [...group, requests])
    const acme = { tenantId: 'acme' }
    assert.deepEqual(await groups({ ...acme, groupBy: ['userId'] }), [
      [null, 1],
      ['ann', 1],
      ['bob', 1],
    ])
    const dayMs = Date.UTC(2026, 10, 22)
    assert.deepEqual(await groups({ ...acme, groupBy: ['day', 'model'] }), [
      [dayMs, 'gpt-4o', 2],
      [dayMs + 24 * 3_600_000, 'claude', 1],
    ])
    assert.deepEqual(await groups({ ...acme, groupBy: ['hour'], toMs: startMs + 3_600_000 }), [[startMs, 1]])
    assert.deepEqual(await groups({ userId: 'ann', groupBy: ['tenantId'] }), [
      ['acme', 1],
      ['other', 1],
    ])
    assert.deepEqual(await groups({ groupBy: ['tenantId'], limit: 1 }), [['acme', 3]])
    assert.deepEqual(await groups({ tenantId: "acme' OR '1'='1" }), [])
  })

  journalTest('a row counts for each of its tags, and for none without any', async (journal) => {
    await journal.append([
      rowOf('r1', { tags: ['nightly', "o'clock"] }),
      rowOf('r2', { tags: ['nightly'] }),
      rowOf('r3', { tags: [] }),
    ])
    const totals = await journal.totals({ ...all, groupBy: ['tag'] })
    assert.deepEqual(
      totals.map(({ group, requests, costNanoUsd }) => [...group, requests, costNanoUsd]),
      [
        [null, 1, 1_500],
        ['nightly', 2, 3_000],
        ["o'clock", 1, 1_500],
      ],
    )
  })

  journalTest('many old rows are removed, however many began at once', async (journal) => {
    await journal.append(
      Array.from({ length: 2_600 }, (_, i) => rowOf(`r${i}`, { startedAtMs: i < 1_500 ? 1_000 : i })),
    )
    assert.equal(await journal.prune(2_000), 2_000)
    assert.equal((await journal.totals(all))[0]?.requests, 600)
  })

  journalTest('old rows are removed and the rest stays', async (journal) => {
    await journal.append([rowOf('r1', { startedAtMs: 1_000 }), rowOf('r2', { startedAtMs: 2_000 })])
    assert.equal(await journal.prune(2_000), 1)
    assert.deepEqual(
      (await journal.latest(all)).map(({ requestId }) => requestId),
      ['r2'],
    )
  })

  test(`${store} journal: adds up any rows as the plain sums do`, async () => {
    const dimension = subarray<UsageDimension>([
      'tenantId',
      'userId',
      'endUserId',
      'organisationId',
      'model',
      'hour',
      'day',
      'problem',
      'tag',
    ])
    await check(
      asyncProperty(array(anyRow, { maxLength: 40 }), dimension, async (rows, groupBy) => {
        const { journal, close } = await open()
        try {
          const plain = createMemoryJournal()
          await Promise.all([journal.append(rows), plain.append(rows)])
          assert.deepEqual(await journal.totals({ ...all, groupBy }), await plain.totals({ ...all, groupBy }))
        } finally {
          await close()
        }
      }),
      { numRuns: 30 },
    )
  })
}

const anyRow = record({
  id: integer({ min: 1, max: 30 }),
  kind: constantFrom<UsageRow['kind']>('charge', 'rescued', 'hedged', 'failed', 'cached', 'refused'),
  tenantId: constantFrom('acme', 'other'),
  userId: constantFrom('ann', 'bob', null),
  endUserId: constantFrom('eve', null),
  organisationId: constantFrom('holding', null),
  model: constantFrom('gpt-4o', 'claude', null),
  problem: constantFrom<UsageRow['problem']>(null, 'stream_cut'),
  latencyMs: integer({ min: 0, max: 200_000 }),
  firstTokenMs: constantFrom(null, 10, 11.5, 999),
  cost: integer({ min: 0, max: 1_000_000_000 }),
  tags: subarray(['nightly', 'batch', 'ä b']),
}).map(({ id, cost, ...rest }) =>
  // A request begins once: rows of one id lie on one day.
  rowOf(`r${id}`, {
    ...rest,
    costNanoUsd: toNanoUsd(cost),
    startedAtMs: startMs + ((id * 8_123_457) % (3 * 24 * 3_600_000)),
  }),
)
