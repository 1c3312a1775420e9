import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  costOfUsage,
  highestCost,
  outputTokensAffordable,
  priceAt,
  priceListFor,
} from '#core/domain/model-card.ts'
import type { ModelCard, PriceList, PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd, usdToNano } from '#core/domain/money.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'

const perMillion = (usd: string) => usdToNano(usd)
const version = (base: PriceList, tiers: PriceVersion['tiers'] = []): PriceVersion => ({
  id: 'v1',
  validFromMs: 0,
  base,
  tiers,
})
const usage = (counts: Partial<Usage>): Usage => ({ ...unknownUsage, ...counts })

test('cached, written and plain input are each charged once, at their own price', () => {
  const price = version({
    input: perMillion('3'),
    output: perMillion('15'),
    cachedInput: perMillion('0.30'),
    cacheWrite: perMillion('3.75'),
    cacheWriteHour: perMillion('6'),
  })
  const cost = costOfUsage(
    price,
    usage({
      inputTokens: 10_000,
      cachedInputTokens: 6_000,
      cacheWriteTokens: 3_000,
      cacheWriteHourTokens: 1_000,
      outputTokens: 500,
    }),
  )
  const expected = 1_000 * 3_000 + 6_000 * 300 + 2_000 * 3_750 + 1_000 * 6_000 + 500 * 15_000
  assert.equal(cost, expected)
})

test('the whole request moves to the higher tier once its input passes the threshold', () => {
  const dear = { input: perMillion('2.50'), output: perMillion('15') }
  const price = version({ input: perMillion('1.25'), output: perMillion('10') }, [
    { aboveInputTokens: 200_000, list: dear },
  ])
  assert.equal(priceListFor(price, 200_000).input, perMillion('1.25'))
  assert.equal(priceListFor(price, 200_001), dear)
  const cost = costOfUsage(price, usage({ inputTokens: 300_000, outputTokens: 1_000 }))
  assert.equal(cost, 300_000 * 2_500 + 1_000 * 15_000)
})

test('where the provider bills other numbers than it counts, the billed ones are charged', () => {
  const price = version({ input: perMillion('2.5'), output: perMillion('10') })
  const counted = usage({
    inputTokens: 1_683,
    cachedInputTokens: 992,
    outputTokens: 62,
    billed: { inputTokens: 39, outputTokens: 27 },
  })
  assert.equal(costOfUsage(price, counted), 39 * 2_500 + 27 * 10_000)
})

test('tools that the provider runs are charged by the use', () => {
  const price = version({ input: 0, output: 0, perToolUseNanoUsd: { web_search: 10_000_000, '*': 5 } })
  assert.equal(costOfUsage(price, usage({ serverToolUses: { web_search: 2, other: 1 } })), 20_000_005)
})

test('subsets larger than their total, as some providers report, never charge more than the total', () => {
  const price = version({ input: 1_000_000, output: 1_000_000, cachedInput: 500_000, reasoning: 1_000_000 })
  const odd = usage({ inputTokens: 10, cachedInputTokens: 1_000, outputTokens: 5, reasoningTokens: 900 })
  assert.equal(costOfUsage(price, odd), 5 + 5)
})

const priceInteger = fc.integer({ min: 1, max: 80_000_000_000 })
const anyList = fc.record({
  input: priceInteger,
  output: priceInteger,
  cachedInput: fc.option(priceInteger, { nil: undefined }),
  cacheWrite: fc.option(priceInteger, { nil: undefined }),
  reasoning: fc.option(priceInteger, { nil: undefined }),
})

test('no usage within the bounds costs more than the highest cost', () => {
  const tokens = fc.integer({ min: 0, max: 500_000 })
  fc.assert(
    fc.property(
      anyList,
      anyList,
      fc.tuple(tokens, tokens, tokens, tokens),
      (base, tier, [input, cached, output, reasoning]) => {
        const price = version(base, [{ aboveInputTokens: 200_000, list: tier }])
        const counted = usage({
          inputTokens: input,
          cachedInputTokens: Math.min(cached, input),
          outputTokens: output,
          reasoningTokens: Math.min(reasoning, output),
        })
        assert.ok(costOfUsage(price, counted) <= highestCost(price, input, output))
      },
    ),
  )
})

test('as many output tokens as an amount affords cost at most that amount', () => {
  fc.assert(
    fc.property(
      anyList,
      fc.integer({ min: 0, max: 10_000_000_000 }),
      fc.integer({ min: 0, max: 100_000 }),
      (base, amount, input) => {
        const price = version(base)
        const tokens = outputTokensAffordable(price, toNanoUsd(amount), input)
        fc.pre(tokens > 0 && Number.isSafeInteger(tokens))
        assert.ok(highestCost(price, input, tokens) <= amount)
      },
    ),
  )
})

test('the price that holds is the latest one that has begun', () => {
  const prices = [
    version({ input: 1, output: 1 }),
    { ...version({ input: 2, output: 2 }), id: 'v2', validFromMs: 1_000 },
  ]
  const card = { prices } as unknown as ModelCard
  assert.equal(priceAt(card, 999)?.id, 'v1')
  assert.equal(priceAt(card, 1_000)?.id, 'v2')
  assert.equal(priceAt({ prices: [] } as unknown as ModelCard, 0), undefined)
})
