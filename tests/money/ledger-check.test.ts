/** The checker of the books finds exactly what is wrong with them, and nothing in books that are right. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkMoney } from '#tests/money/ledger-check.ts'
import type { ProviderBill } from '#tests/money/ledger-check.ts'
import type { BookedRow, MoneyBooks } from '#tests/money/money-books.ts'

const startedAtMs = Date.UTC(2026, 10, 22)

function rowOf(mark: number, cost: number): BookedRow {
  return {
    request_id: `m${mark}.0192`,
    attempt: 1,
    kind: 'charge',
    tenant_id: 'acme',
    key_id: 'k',
    user_id: mark % 2 === 0 ? 'ann' : null,
    status: 200,
    input_tokens: 1,
    output_tokens: 1,
    cost_nano_usd: cost,
    is_estimated: 0,
    provider: 'openai',
    model: 'gpt',
    started_at_ms: startedAtMs,
  }
}

/** Sound books of these costs, and the bills they come from. */
function soundBooks(costs: readonly number[]): { books: MoneyBooks; bills: ProviderBill[] } {
  const rows = costs.map((cost, mark) => rowOf(mark, cost))
  const settledBy = (filter: (row: BookedRow) => boolean) =>
    rows.filter(filter).reduce((sum, row) => sum + row.cost_nano_usd, 0)
  const counter = (scope: string, settled: number) => ({
    scope,
    window: '2026-11',
    settled,
    reserved: 0,
    estimated: 0,
  })
  const counters = [
    counter(
      'tenant:acme',
      settledBy(() => true),
    ),
    counter(
      'key:acme/k',
      settledBy(() => true),
    ),
    counter(
      'user:acme/ann',
      settledBy(({ user_id }) => user_id === 'ann'),
    ),
    counter(
      'user:acme/(key k)',
      settledBy(({ user_id }) => user_id === null),
    ),
  ]
  const bills = costs.map((costNanoUsd, mark) => ({ mark: `m${mark}`, costNanoUsd }))
  return { books: { counters, openHolds: [], expiredHolds: new Map(), rows }, bills }
}

const costs = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 12 })

test('nothing is found in books that are right, whatever they hold', () => {
  fc.assert(
    fc.property(costs, (drawn) => {
      const { books, bills } = soundBooks(drawn)
      const limits = new Map([['tenant:acme 2026-11', drawn.reduce((sum, cost) => sum + cost, 0)]])
      const { findings, exact } = checkMoney(books, { bills, limits })
      assert.deepEqual(findings, [])
      assert.equal(exact, drawn.length)
    }),
  )
})

test('exactly the bills without a row, the rows without a bill and the wrong amounts are found', () => {
  const fault = fc.constantFrom('sound', 'row missing', 'bill missing', 'wrong amount', 'row twice')
  fc.assert(
    fc.property(fc.array(fault, { minLength: 1, maxLength: 12 }), (faults) => {
      const { books, bills } = soundBooks(faults.map((_, position) => 1_000 + position))
      const rows = books.rows.flatMap((row, position) => {
        const kind = faults[position]
        if (kind === 'row missing') return []
        if (kind === 'wrong amount') return [{ ...row, cost_nano_usd: row.cost_nano_usd + 1 }]
        return kind === 'row twice' ? [row, row] : [row]
      })
      const kept = bills.filter((_, position) => faults[position] !== 'bill missing')
      const { findings } = checkMoney({ ...books, rows }, { bills: kept })
      const found = (words: string) => findings.filter((finding) => finding.includes(words)).length
      const planted = (name: string) => faults.filter((kind) => kind === name).length
      assert.equal(found('a bill without a row'), planted('row missing'))
      assert.equal(found('a row without a bill'), planted('bill missing') + planted('row twice'))
      assert.equal(found('on the bill'), planted('wrong amount'))
      assert.equal(found('two rows for one attempt'), planted('row twice'))
      const isSumWrong = faults.some((kind) => kind !== 'sound' && kind !== 'bill missing')
      assert.equal(found('in rows') > 0, isSumWrong)
    }),
  )
})

test('what is held at rest, above a limit, or more below than above is found', () => {
  const { books, bills } = soundBooks([100, 200])
  const changed = (scope: string, change: object): MoneyBooks => ({
    ...books,
    counters: books.counters.map((counter) =>
      counter.scope === scope ? { ...counter, ...change } : counter,
    ),
  })
  const found = (wrong: MoneyBooks, terms = {}) => checkMoney(wrong, { bills, ...terms }).findings.join('; ')
  assert.match(found({ ...books, openHolds: ['m9'] }), /^held at rest: m9$/)
  assert.match(found(changed('key:acme/k', { reserved: 5 })), /^reserved at rest: key:acme\/k$/)
  assert.match(found(changed('key:acme/k', { estimated: 500 })), /cannot be/)
  assert.match(found(changed('tenant:acme', { settled: 299 })), /299 settled, 300 by key/)
  assert.match(found(books, { limits: new Map([['tenant:acme 2026-11', 299]]) }), /above the limit of 299/)
  assert.equal(found(books, { limits: new Map([['tenant:acme 2026-11', 299]]), overUseNanoUsd: 1 }), '')
})

test('a bill whose process died is accounted for by the hold that was charged in full', () => {
  const { books, bills } = soundBooks([100, 200])
  const died = {
    ...books,
    rows: books.rows.slice(1),
    expiredHolds: new Map([['m0.0192', 150]]),
    counters: books.counters.map((counter) =>
      counter.scope === 'user:acme/(key k)'
        ? counter
        : { ...counter, settled: counter.settled + 50, estimated: 150 },
    ),
  }
  const { findings, expired, exact } = checkMoney(died, { bills })
  assert.deepEqual([findings, expired, exact], [[], 1, 1])
})
