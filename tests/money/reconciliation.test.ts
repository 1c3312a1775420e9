/** Exports of the providers read as documented, and compared with the rows: what differs is found, exactly. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { modelNamer, reconcileExport } from '#composition/reconciliation.ts'
import { loadCatalog } from '#config/catalog.ts'
import { readTextFile } from '#config/system-source.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import { amountIn, dayIn } from '#services/reconciliation/export-values.ts'
import type { ExportProvider } from '#services/reconciliation/export-line.ts'
import { readExport } from '#services/reconciliation/read-export.ts'
import type { Reconciliation } from '#services/reconciliation/reconcile.ts'
import { createMemoryJournal } from '#stores/memory/journal.ts'
import { rowOf } from '#tests/contracts/charges-contract.ts'

const catalog = loadCatalog({ file: undefined, overridesFile: undefined }, { readFile: readTextFile })
const textOf = (file: string) => readFileSync(join(import.meta.dirname, 'exports', file), 'utf8')
const told = (provider: ExportProvider, file: string) =>
  readExport(provider, textOf(file)).map(
    ({ day, model, keys: [key = null], requests, inputTokens, outputTokens, costNanoUsd }) => [
      day,
      model,
      key,
      requests,
      inputTokens,
      outputTokens,
      costNanoUsd,
    ],
  )

test('each documented form is read: days, models, keys, whole inputs and exact amounts', () => {
  const [gpt, haiku] = ['gpt-5.4-2026-03-05', 'claude-haiku-4-5-20251001']
  assert.deepEqual(told('openai', 'openai-usage.json'), [
    ['2026-11-01', gpt, 'key_a', 5, 1_000, 500, null],
    ['2026-11-01', 'gpt-5.4-mini', 'key_b', 1, 30, 7, null],
  ])
  assert.deepEqual(told('openai', 'openai-costs.json'), [
    ['2026-11-01', gpt, 'proj_a', null, null, null, 2_500_000],
    ['2026-11-01', gpt, 'proj_a', null, null, null, 7_500_000],
  ])
  assert.deepEqual(told('openai', 'openai-costs.csv'), [
    ['2026-11-01', gpt, 'proj_a', null, null, null, 10_000_000],
  ])
  assert.deepEqual(told('anthropic', 'anthropic-usage.json'), [
    ['2026-11-01', haiku, 'apikey_a', null, 3_200, 500, null],
  ])
  assert.deepEqual(told('anthropic', 'anthropic-cost.json'), [
    ['2026-11-01', haiku, 'wrkspc_a', null, null, null, 1_237_891_200],
  ])
  assert.deepEqual(told('anthropic', 'anthropic-usage.csv'), [
    ['2026-11-01', haiku, 'main', null, 3_200, 500, null],
  ])
  assert.deepEqual(told('cohere', 'cohere.csv'), [
    ['2026-11-01', 'command-a-03-2025', 'main', 3, 100, 20, 450_000],
  ])
  const google = told('gemini', 'google-billing.jsonl')
  assert.deepEqual(
    google.map((line) => line.at(-1)),
    [1_000_000_000, 1],
  )
  assert.equal(told('gemini', 'google-cost-table.csv')[0]?.at(-1), 1_000_250_000_000)
  const named = modelNamer(catalog, 'google')
  assert.deepEqual(
    google.map((line) => named(String(line[1]))),
    ['gemini-2.5-flash-lite', 'gemini-2.5-flash'],
  )
})

test('what consoles add is read too: days without anything, titles of models, facts before the header, other services', () => {
  assert.deepEqual(told('openai', 'openai-costs-console.csv'), [
    ['2026-11-02', null, null, null, null, null, 3_835_980],
    ['2026-11-02', 'gpt-5.4-2026-03-05', 'key_a', null, null, null, 500_000_000],
  ])
  assert.deepEqual(readExport('openai', 'start_time,end_time,start_time_iso,end_time_iso\n1,2,a,b\n'), [])
  const anthropic = told('anthropic', 'anthropic-cost-console.csv')
  assert.deepEqual(anthropic, [
    ['2026-11-01', 'Claude Haiku 4.5', 'apikey_a', null, null, null, 50_000_000],
    ['2026-11-01', 'Claude Haiku 4.5', 'apikey_a', null, null, null, 20_000_000],
    ['2026-11-02', 'Claude Sonnet 4.5', 'apikey_a', null, null, null, 100_000_000],
  ])
  const named = modelNamer(catalog, 'anthropic')
  assert.deepEqual(
    ['Claude Haiku 4.5', 'Claude Sonnet 4.5', 'Claude Opus 99.9', 'claude-haiku-4-5-20251001'].map(named),
    ['claude-haiku-4-5', 'claude-sonnet-4-5', undefined, 'claude-haiku-4-5'],
  )
  const [line, ...others] = readExport('gemini', textOf('google-cost-table-console.csv'))
  assert.deepEqual(others, [])
  assert.deepEqual(
    [line?.day, line?.lastDay, line?.keys, line?.costNanoUsd],
    ['2026-11-01', '2026-11-30', ['project-a', 'Project A'], 1_000_500_000],
  )
})

test('a bill by the month is compared by model over the whole period, and names whose keys its lines are for', async () => {
  const gemini = {
    provider: 'google',
    model: 'gemini-2.5-flash',
    isSimulated: false,
    providerCostNanoUsd: toNanoUsd(900_000_000),
  }
  const journal = createMemoryJournal()
  await journal.append([rowOf('r1', { ...gemini, startedAtMs: Date.UTC(2026, 10, 20) })])
  const text = textOf('google-cost-table-console.csv')
  const month = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 11, 1), tolerancePercent: 0 }
  const compare = (more: object) =>
    reconcileExport({ journal, catalog }, { provider: 'gemini', text, ...month, ...more })
  const { differences } = await compare({})
  assert.deepEqual(
    differences.map(({ kind, day, model, thereByKey }) => [kind, day, model, thereByKey[0]?.key]),
    [['differs', '2026-11-01/2026-12-01', 'gemini-2.5-flash', 'project-a']],
  )
  assert.deepEqual((await compare({ tolerancePercent: 11 })).differences, [])
  assert.equal((await compare({ key: 'other, Project A' })).lines, 1)
  assert.equal((await compare({ key: 'other' })).lines, 0)
  await assert.rejects(async () => compare({ toMs: Date.UTC(2026, 10, 15) }), { code: 'invalid_value' })
})

test('what is no export is refused with the record that is wrong', () => {
  const refusal = (text: string, provider: ExportProvider = 'openai') => {
    assert.throws(() => readExport(provider, text), { code: 'invalid_value' }, text)
  }
  for (const text of [
    '',
    'hello',
    '{"a":',
    '{"data":[{"results":[{"model":"m"}]}]}',
    'date,model\n2026-11-01,m',
  ])
    refusal(text)
  refusal('date,model,cost\nyesterday,m,1')
  refusal('{"usage_start_time":"2026-11-01","sku":{"description":"x"},"cost":1,"currency":"EUR"}', 'gemini')
})

test('amounts and days are read exactly, whatever their form', () => {
  const dollars = (text: string) => amountIn(text, 1_000_000_000n)
  assert.deepEqual(
    ['0.06', '1.2e-05', '$1,234.5', '-3', '0.0000000005', '0.00000000049', '1e99', 'x', '', '1e-99'].map(
      dollars,
    ),
    [60_000_000, 12_000, 1_234_500_000_000, -3_000_000_000, 1, 0, null, null, null, null],
  )
  assert.deepEqual(
    [
      '2026-11-01',
      '1793491200',
      '2026-11-01T23:30:00-01:00',
      '2026-11-01 05:00:00 UTC',
      '2026-13-01',
      '1',
      'x',
    ].map(dayIn),
    ['2026-11-01', '2026-11-01', '2026-11-02', '2026-11-01', null, null, null],
  )
})

const period = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 11), tolerancePercent: 0 }
const models = ['gpt-5.4', 'gpt-5.4-mini', 'gpt-4.1'] as const

interface Cell {
  readonly day: number
  readonly model: (typeof models)[number]
  readonly tokens: readonly (readonly [input: number, output: number, nanoUsd: number])[]
}

const rowsOf = ({ day, model, tokens }: Cell): UsageRow[] =>
  tokens.map(([inputTokens, outputTokens, cost], i) =>
    rowOf(`${day}-${model}-${i}`, {
      startedAtMs: period.fromMs + day * 86_400_000 + i,
      model,
      isSimulated: false,
      inputTokens,
      outputTokens,
      costNanoUsd: toNanoUsd(cost * 2),
      providerCostNanoUsd: toNanoUsd(cost),
    }),
  )

/** What OpenAI would bill, one line for each key; amounts as decimal text, since exports are. */
const linesOf = ({ day, model, tokens }: Cell) =>
  tokens.map(([input, output, cost], i) => ({
    date: `2026-11-${String(day + 1).padStart(2, '0')}`,
    model: i % 2 === 0 ? model : `${model}-2026-01-31`,
    api_key_id: `key_${i}`,
    num_model_requests: 1,
    input_tokens: input,
    output_tokens: output,
    cost_usd: (BigInt(cost) + 10n ** 15n).toString().replace(/^1(\d*)(\d{9})$/, '$1.$2'),
  }))

const cells = fc.uniqueArray(
  fc.record({
    day: fc.integer({ min: 0, max: 9 }),
    model: fc.constantFrom(...models),
    tokens: fc.array(
      fc.tuple(fc.integer({ min: 1, max: 9_999 }), fc.nat(9_999), fc.integer({ min: 1, max: 999_999_999 })),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
  }),
  { selector: ({ day, model }) => `${day} ${model}`, minLength: 1, maxLength: 20 },
)
const faults = fc.array(fc.constantFrom('none', 'missing_here', 'missing_there', 'wrong', 'duplicate'), {
  minLength: 20,
  maxLength: 20,
})

const comparison = async (rows: readonly UsageRow[], text: string): Promise<Reconciliation> => {
  const journal = createMemoryJournal()
  await journal.append(rows)
  return reconcileExport({ journal, catalog }, { provider: 'openai', text, ...period })
}

test('of any bill, exactly the lines that are wrong, missing or doubled are found, as JSON and as CSV', async () => {
  await fc.assert(
    fc.asyncProperty(cells, faults, fc.boolean(), async (drawn, planted, isCsv) => {
      const rows: UsageRow[] = []
      const lines: Array<ReturnType<typeof linesOf>[number]> = []
      const expected: string[] = []
      for (const [i, cell] of drawn.entries()) {
        const fault = planted[i] ?? 'none'
        const billed = linesOf(cell)
        const [first] = billed
        assert.ok(first)
        const name = `${first.date} ${cell.model}`
        if (fault !== 'missing_here') rows.push(...rowsOf(cell))
        if (fault === 'wrong') billed[0] = { ...first, output_tokens: first.output_tokens + 1 }
        if (fault === 'duplicate') billed.push(first)
        if (fault !== 'missing_there') lines.push(...billed)
        if (fault !== 'none') expected.push(`${fault === 'wrong' ? 'differs' : fault} ${name}`)
      }
      if (lines.length === 0) return
      const header = Object.keys(lines[0] ?? {})
      const csv = [header, ...lines.map((line) => Object.values(line))].map((row) => row.join(',')).join('\n')
      const text = isCsv ? csv : JSON.stringify({ object: 'page', data: lines })
      const { differences } = await comparison(rows, text)
      const found = differences.map(({ kind, day, model }) => `${kind} ${day} ${String(model)}`)
      assert.deepEqual(found.sort(), expected.sort())
    }),
    { numRuns: 150 },
  )
})

test('differences within the tolerance pass, adjustments count, simulated answers and other days do not', async () => {
  const cell: Cell = { day: 0, model: 'gpt-5.4', tokens: [[1_000, 100, 10_000]] }
  const [row] = rowsOf(cell)
  assert.ok(row)
  const adjust: UsageRow = { ...row, kind: 'adjust', attempt: 1_001, providerCostNanoUsd: toNanoUsd(-100) }
  const elsewhere = { ...row, requestId: 'sim', isSimulated: true }
  const later = { ...row, requestId: 'later', startedAtMs: period.toMs }
  const text = JSON.stringify([{ date: '2026-11-01', model: 'gpt-5.4', cost_usd: '0.00001' }])
  const journal = createMemoryJournal()
  await journal.append([row, adjust, elsewhere, later])
  const found = async (tolerancePercent: number) => {
    const question = { provider: 'openai', text, ...period, tolerancePercent } as const
    return (await reconcileExport({ journal, catalog }, question)).differences
  }
  assert.deepEqual(await found(1), [])
  const [difference] = await found(0.9)
  assert.deepEqual(
    [difference?.kind, difference?.here.costNanoUsd, difference?.there.costNanoUsd],
    ['differs', 9_900, 10_000],
  )
  await assert.rejects(
    async () => reconcileExport({ journal, catalog }, { provider: 'openai', text, ...period, fromMs: 1 }),
    { code: 'invalid_value' },
  )
})

test('an export of costs without models is compared by the day, and one key can be picked', async () => {
  const cells: Cell[] = [
    { day: 0, model: 'gpt-5.4', tokens: [[10, 5, 1_000]] },
    { day: 0, model: 'gpt-4.1', tokens: [[10, 5, 500]] },
  ]
  const cost = (value: number, project: string) => ({
    start_time: period.fromMs / 1_000,
    amount: { value, currency: 'usd' },
    line_item: null,
    project_id: project,
  })
  const text = JSON.stringify([cost(0.0000015, 'mine'), cost(5, 'elsewhere')])
  const journal = createMemoryJournal()
  await journal.append(cells.flatMap(rowsOf))
  const question = { provider: 'openai', text, ...period } as const
  assert.deepEqual(
    (await reconcileExport({ journal, catalog }, { ...question, key: 'mine' })).differences,
    [],
  )
  const { differences } = await reconcileExport({ journal, catalog }, question)
  assert.deepEqual(
    differences.map(({ kind, model }) => [kind, model]),
    [['differs', null]],
  )
})
