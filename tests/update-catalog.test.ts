/** What the catalogue tool sees, takes over and leaves alone. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readCatalog } from '#config/catalog.ts'
import { findDifferences } from '../tools/catalog/differences.ts'
import { readGenaiPrices } from '../tools/catalog/genai-prices.ts'
import { readModelsDev } from '../tools/catalog/models-dev.ts'
import { reportOf } from '../tools/catalog/report.ts'
import { withDifferences } from '../tools/catalog/rewrite.ts'

const today = '2026-11-23'
const catalogText = `# A comment that stays.
models:
  # and this one
  small-model:
    provider: openai
    abilities: [text, streaming]
    context_tokens: 1000
    max_output_tokens: 100
    quality: 0.5
    prices:
      - valid_from: 2026-01-01
        source: genai-prices 0.1
        input: "1"
        output: "2"
        per_tool_use: {web_search: "0.01"}
  by-hand:
    provider: openai
    abilities: [text]
    context_tokens: 1000
    max_output_tokens: 100
    prices:
      - {valid_from: 2026-01-01, source: a price sheet, input: "1", output: "2"}
  left:
    provider: openai
    abilities: [text]
    context_tokens: 1000
    max_output_tokens: 100
    prices: []
  at-home:
    provider: ollama
    abilities: [text]
    context_tokens: 1000
    max_output_tokens: 100
aliases:
  old-model: small-model
`

function genai(models: readonly object[]) {
  return readGenaiPrices([{ id: 'openai', models }] as never, 'genai-prices 0.2')
}

const same = { id: 'small-model', match: { starts_with: 'small' }, prices: { input_mtok: 1, output_mtok: 2 } }
const byHand = { id: 'by-hand', prices: { input_mtok: 1, output_mtok: 2 } }
const left = { id: 'left', prices: {} }
const listOf = (...models: object[]) => ({ prices: genai(models), limits: undefined })

function catalogOf(text: string) {
  return readCatalog('catalog.yaml', { readFile: () => text }).content
}

describe('differences', () => {
  it('none when the lists say the same', () => {
    assert.deepEqual(findDifferences(catalogOf(catalogText), listOf(same, byHand, left), today), [])
    assert.equal(reportOf([], false), 'The catalogue and the lists agree.\n')
  })
  it('a changed price, in force from the day that the list names', () => {
    const prices = [
      { prices: { input_mtok: 1, output_mtok: 2 } },
      { constraint: { start_date: '2026-10-01' }, prices: { input_mtok: 0.5, output_mtok: 2 } },
    ]
    const [found, ...more] = findDifferences(
      catalogOf(catalogText),
      listOf({ ...same, prices }, byHand, left),
      today,
    )
    assert.deepEqual(more, [])
    assert.ok(found?.kind === 'price')
    assert.equal(found.validFrom, '2026-10-01')
    assert.match(reportOf([found], false), /small-model from 2026-10-01: input 1 -> 0\.5/)
  })
  it('a changed price without a day holds from today, and an announced one from its day', () => {
    const prices = [
      { prices: { input_mtok: 3, output_mtok: 2 } },
      { constraint: { start_date: '2027-01-01' }, prices: { input_mtok: 4, output_mtok: 2 } },
    ]
    const found = findDifferences(catalogOf(catalogText), listOf({ ...same, prices }, byHand, left), today)
    assert.deepEqual(
      found.map((difference) => difference.kind === 'price' && difference.validFrom),
      [today, '2027-01-01'],
    )
  })
  it('of prices by the hour the dearest counts', () => {
    const prices = [
      { prices: { input_mtok: 1, output_mtok: 2 } },
      {
        constraint: { start_time: '01:00:00Z', end_time: '04:00:00Z' },
        prices: { input_mtok: 2, output_mtok: 1 },
      },
    ]
    const [found] = findDifferences(catalogOf(catalogText), listOf({ ...same, prices }, byHand, left), today)
    assert.ok(found?.kind === 'price')
    assert.deepEqual(found.price.base, { input: 2_000_000_000, output: 2_000_000_000 })
  })
  it('a price that somebody entered by hand is reported and kept', () => {
    const cheaper = { ...byHand, prices: { input_mtok: 0.1, output_mtok: 2 } }
    const found = findDifferences(catalogOf(catalogText), listOf(same, cheaper, left), today)
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['kept'],
    )
    assert.equal(withDifferences(catalogText, found), catalogText)
  })
  it('a list without a price never makes a model free', () => {
    const found = findDifferences(
      catalogOf(catalogText),
      listOf({ ...same, prices: {} }, byHand, left),
      today,
    )
    assert.deepEqual(found, [])
  })
  it('models that are new or in no list are named; other names of known ones are not new', () => {
    const fresh = { id: 'fresh', prices: { input_mtok: 1, output_mtok: 1 } }
    const old = { id: 'old-model', prices: { input_mtok: 1, output_mtok: 1 } }
    const found = findDifferences(catalogOf(catalogText), listOf(same, byHand, fresh, old), today)
    assert.deepEqual(found, [
      { kind: 'gone', name: 'left' },
      { kind: 'new', provider: 'openai', model: 'fresh' },
    ])
    assert.match(reportOf(found, false), /run with --all/)
    assert.match(reportOf(found, true), /openai\/fresh/)
  })
  it('limits come from models.dev', () => {
    const data = {
      openai: { models: { 'small-model': { limit: { context: 2000, output: 100 }, cost: {} } } },
    }
    const lists = { prices: genai([same, byHand, left]), limits: readModelsDev(data, 'models.dev') }
    assert.deepEqual(findDifferences(catalogOf(catalogText), lists, today), [
      { kind: 'limit', name: 'small-model', field: 'context_tokens', before: 1000, after: 2000 },
    ])
  })
})

describe('taking over', () => {
  it('adds a version behind the old ones; comments, fees and hand-written fields stay', () => {
    const prices = {
      input_mtok: { base: 0.5, tiers: [{ start: 200, price: 1.0000001 }] },
      output_mtok: { base: 2, tiers: [{ start: 200, price: 4 }] },
      cache_read_mtok: 0.05,
    }
    const data = { openai: { models: { 'small-model': { limit: { context: 2000 } } } } }
    const lists = {
      prices: genai([{ ...same, prices }, byHand, left]),
      limits: readModelsDev(data, 'models.dev'),
    }
    const text = withDifferences(catalogText, findDifferences(catalogOf(catalogText), lists, today))
    const expected = catalogText.replace('context_tokens: 1000', 'context_tokens: 2000').replace(
      '        per_tool_use: {web_search: "0.01"}\n',
      `        per_tool_use: {web_search: "0.01"}
      - valid_from: 2026-11-23
        source: genai-prices 0.2
        input: "0.5"
        output: "2"
        cached_input: "0.05"
        per_tool_use: {web_search: "0.01"}
        tiers:
          - above_input_tokens: 200
            input: "1.0000001"
            output: "4"
            cached_input: "0.05"
            per_tool_use: {web_search: "0.01"}
`,
    )
    assert.equal(text, expected)
    assert.deepEqual(findDifferences(catalogOf(text), lists, today), [], 'a second run finds nothing')
  })
  it('gives a model without prices its first one', () => {
    const found = findDifferences(
      catalogOf(catalogText),
      listOf(same, byHand, { ...left, prices: { input_mtok: 1, output_mtok: 1 } }),
      today,
    )
    const catalog = catalogOf(withDifferences(catalogText, found))
    assert.deepEqual(
      catalog.models['left']?.prices.map(({ input, valid_from: from }) => [input, from]),
      [['1', today]],
    )
  })
})

describe('the command', () => {
  it('writes only when told to', () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-catalog-'))
    const catalog = join(folder, 'catalog.yaml')
    const list = join(folder, 'prices.json')
    const root = fileURLToPath(new URL('..', import.meta.url))
    const run = (...more: string[]) =>
      execFileSync(
        process.execPath,
        ['tools/update-catalog.ts', '--catalog', catalog, '--genai-prices', list, ...more],
        {
          cwd: root,
          encoding: 'utf8',
        },
      )
    try {
      writeFileSync(catalog, catalogText)
      const changed = { ...same, prices: { input_mtok: 9, output_mtok: 2 } }
      writeFileSync(list, JSON.stringify({ providers: [{ id: 'openai', models: [changed, byHand, left] }] }))
      assert.match(run(), /small-model from \d{4}-\d\d-\d\d: input 1 -> 9/)
      assert.equal(readFileSync(catalog, 'utf8'), catalogText)
      assert.match(run('--write'), /was written/)
      assert.match(readFileSync(catalog, 'utf8'), /input: "9"/)
      assert.match(run(), /The catalogue and the lists agree/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
