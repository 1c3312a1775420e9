import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { EmbedErrand, RerankErrand } from '#core/domain/errand.ts'
import { errandNeeds, estimateErrand } from '#core/domain/errand-measures.ts'
import { costOfUsage, highestCost } from '#core/domain/model-card.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { noUsage } from '#core/domain/usage.ts'

const image = { type: 'image', source: { kind: 'inline', base64: 'AAAA' } } as const

const embedOf = (...inputs: EmbedErrand['inputs']): EmbedErrand => ({
  kind: 'embed',
  inputs,
  forms: ['float'],
})
const rerankOf = (documents: readonly string[], query = 'which one'): RerankErrand => ({
  kind: 'rerank',
  query,
  documents,
})

test('an embedding needs a model for embeddings, and one that sees where there is a picture', () => {
  assert.deepEqual([...errandNeeds(embedOf({ kind: 'text', text: 'x' }))], ['embeddings'])
  const mixed = embedOf({ kind: 'mixed', parts: [{ type: 'text', text: 'x' }, image] })
  assert.deepEqual([...errandNeeds(mixed)], ['embeddings', 'image_input'])
})

test('tokens count as themselves, and the longest input is what a model must read at once', () => {
  const tokens = Array.from({ length: 100 }, (_, at) => at)
  const { estimate, longestTokens } = estimateErrand(
    embedOf({ kind: 'tokens', tokens }, { kind: 'text', text: 'word '.repeat(10) }),
  )
  assert.equal(longestTokens, 100)
  assert.ok(estimate.bound >= estimate.likely && estimate.likely > 100)
})

test('inputs that are cut to fit are never too long', () => {
  const long = { kind: 'text', text: 'word '.repeat(100_000) } as const
  assert.equal(estimateErrand({ ...embedOf(long), truncate: 'end' }).longestTokens, 0)
  assert.ok(estimateErrand(embedOf(long)).longestTokens > 100_000)
})

test('a search unit is a query with up to a hundred short documents', () => {
  const documents = (count: number) => Array.from({ length: count }, () => 'short')
  assert.equal(estimateErrand(rerankOf(documents(1))).searchUnitsBound, 1)
  assert.equal(estimateErrand(rerankOf(documents(100))).searchUnitsBound, 1)
  assert.equal(estimateErrand(rerankOf(documents(101))).searchUnitsBound, 2)
})

test('long documents count as several, up to where they are cut', () => {
  const long = Array.from({ length: 100 }, () => 'word '.repeat(4_000))
  const whole = estimateErrand(rerankOf(long)).searchUnitsBound
  assert.ok(whole >= 8 && whole <= 10, String(whole))
  const cut = estimateErrand({ ...rerankOf(long), tokensPerDocumentMax: 400 }).searchUnitsBound
  assert.equal(cut, 1)
})

test('what is held for a ranking covers any number of search units within its bound', () => {
  const price: PriceVersion = {
    id: 'p',
    validFromMs: 0,
    base: { input: 0, output: 0, perSearchUnitNanoUsd: 2_500_000 },
    tiers: [],
  }
  fc.assert(
    fc.property(
      fc.array(fc.string(), { minLength: 1, maxLength: 300 }),
      fc.double({ min: 0, max: 1 }),
      (documents, share) => {
        const { estimate, searchUnitsBound } = estimateErrand(rerankOf(documents))
        const searchUnits = Math.ceil(searchUnitsBound * share)
        const held = highestCost(price, estimate.bound, 0, searchUnitsBound)
        assert.ok(costOfUsage(price, { ...noUsage, searchUnits }) <= held)
      },
    ),
  )
})
