/** Rerating: exact to the nano-dollar, once however often it is repeated, and never a row changed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import { rerate } from '#services/analytics-collector/rerate.ts'
import { createMemoryJournal } from '#stores/memory/journal.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteJournal } from '#stores/sqlite/journal.ts'
import { rowOf } from '#tests/contracts/charges-contract.ts'

const priceOf = (input: number, output: number, more: Partial<PriceVersion> = {}): PriceVersion => ({
  id: `${input}/${output}`,
  validFromMs: 0,
  base: { input: input * 1_000_000, output: output * 1_000_000 },
  tiers: [],
  ...more,
})
const all = { fromMs: 0, toMs: Date.UTC(2030, 0) }
const everything = { ...all, groupBy: [], limit: 100_000 }
const wish = (isWritten: boolean, tenantId?: string) => ({
  ...all,
  tenantId,
  isWritten,
  differencesMax: 1_000,
})
const free = { costNanoUsd: toNanoUsd(0), providerCostNanoUsd: toNanoUsd(0) }
const openSqlite = () => createSqliteJournal(openDatabase({ file: ':memory:' }))

test('what it would change is told without a word written, and what it writes corrects the sums exactly', async () => {
  for (const journal of [createMemoryJournal(), openSqlite()]) {
    await journal.append([
      rowOf('r1'),
      rowOf('r2', { tenantId: 'other' }),
      rowOf('r3', { kind: 'refused', ...free }),
    ])
    const margin = { id: 'm', millionths: 500_000, perRequestNanoUsd: toNanoUsd(1) }
    const parts = { journal, priceOf: () => priceOf(3, 5, { margin }) }
    const dry = await rerate(parts, wish(false))
    assert.deepEqual([dry.charges, dry.changed, dry.isWritten], [2, 2, false])
    assert.deepEqual(dry.before, { costNanoUsd: 3_000, providerCostNanoUsd: 3_000 })
    // 10 tokens at 3 and 20 at 5 are 130; with half of it and 1 more, 196.
    assert.deepEqual(dry.after, { costNanoUsd: 392, providerCostNanoUsd: 260 })
    assert.equal((await journal.latest(everything)).length, 3)

    const written = await rerate(parts, wish(true, 'acme'))
    assert.deepEqual([written.charges, written.changed], [1, 1])
    const [total] = await journal.totals({ ...everything, tenantId: 'acme' })
    assert.deepEqual([total?.costNanoUsd, total?.providerCostNanoUsd, total?.requests], [196, 130, 2])
    const rows = await journal.latest(everything)
    const adjust = rows.find(({ kind }) => kind === 'adjust')
    assert.deepEqual(
      [adjust?.requestId, adjust?.attempt, adjust?.costNanoUsd, adjust?.inputTokens, adjust?.priceVersion],
      ['r1', 1_001, -1_304, 0, '3/5'],
    )
    assert.deepEqual(
      rows.find(({ requestId, kind }) => requestId === 'r1' && kind === 'charge'),
      rowOf('r1'),
    )
  }
})

test('what has no price now, was clamped to its hold or was free of charge stays as it is', async () => {
  const journal = createMemoryJournal()
  await journal.append([
    rowOf('mystery', { model: 'gone' }),
    rowOf('clamped', { billing: { isClamped: true } }),
    rowOf('counted', {
      inputTokens: 0,
      outputTokens: 0,
      priceVersion: 'free',
      ...free,
    }),
  ])
  const fee = priceOf(1, 1, { base: { input: 1, output: 1, perRequestNanoUsd: 99 } })
  const priced = ({ model }: UsageRow) => (model === 'gone' ? undefined : fee)
  const report = await rerate({ journal, priceOf: priced }, wish(true))
  assert.deepEqual([report.charges, report.unpriced, report.clamped, report.changed], [3, 1, 1, 0])
  assert.deepEqual(report.before, report.after)
})

const prices = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 1, maxLength: 4 })
const drawnRows = fc.uniqueArray(
  fc.record({
    requestId: fc.integer({ min: 0, max: 3_000 }).map((n) => `r${n}`),
    attempt: fc.integer({ min: 0, max: 3 }),
    inputTokens: fc.nat(5_000),
    outputTokens: fc.nat(5_000),
    startedAtMs: fc.integer({ min: 0, max: 5 }),
  }),
  { selector: ({ requestId, attempt }) => `${requestId} ${attempt}`, maxLength: 60 },
)

test('however often prices change and rerating is repeated or doubled, each charge ends at the last price', async () => {
  await fc.assert(
    fc.asyncProperty(drawnRows, prices, async (drawn, changes) => {
      const journal = openSqlite()
      // Rows of one request all say when it began.
      const began = new Map(drawn.map(({ requestId, startedAtMs }) => [requestId, startedAtMs]))
      const charges = drawn.map((row) =>
        rowOf(row.requestId, { ...row, startedAtMs: began.get(row.requestId) ?? 0 }),
      )
      await journal.append(charges)
      for (const [input, output] of changes) {
        const parts = { journal, priceOf: () => priceOf(input, output) }
        await Promise.all([rerate(parts, wish(true)), rerate(parts, wish(true))])
        const again = await rerate(parts, wish(true))
        assert.equal(again.changed, 0)
        const expected = charges.reduce(
          (sum, row) => sum + row.inputTokens * input + row.outputTokens * output,
          0,
        )
        const [total] = await journal.totals(everything)
        assert.equal(total?.costNanoUsd ?? 0, expected)
        assert.equal(total?.providerCostNanoUsd ?? 0, expected)
        assert.equal(total?.requests ?? 0, charges.length)
      }
      await journal.close()
    }),
    { numRuns: 60 },
  )
})
