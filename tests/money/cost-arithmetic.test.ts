/** What an answer costs: exact sums, compared with exact fractions; more tokens never cost less; bounds that hold. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { costOfUsage, highestCost, outputTokensAffordable } from '#core/domain/model-card.ts'
import type { PriceList, PriceVersion } from '#core/domain/model-card.ts'
import { chargeFor, costBehind, costWithin } from '#core/domain/margin.ts'
import type { Margin } from '#core/domain/margin.ts'
import { addMillionths, costOf, toNanoUsd } from '#core/domain/money.ts'
import { askedOf, scaledPrice } from '#core/domain/service-tier.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'

const perMillion = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 999 }),
  fc.integer({ min: 1_000, max: 600_000_000_000 }),
)
const tokens = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 3_000_000 }))
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const orUnsaid = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })

const priceList: fc.Arbitrary<PriceList> = fc.record({
  input: perMillion,
  output: perMillion,
  cachedInput: maybe(perMillion),
  cacheWrite: maybe(perMillion),
  cacheWriteHour: maybe(perMillion),
  reasoning: maybe(perMillion),
  inputImage: maybe(perMillion),
  inputAudio: maybe(perMillion),
  outputImage: maybe(perMillion),
  outputAudio: maybe(perMillion),
  perRequestNanoUsd: maybe(fc.integer({ min: 0, max: 1_000_000_000 })),
})

const price: fc.Arbitrary<PriceVersion> = fc
  .record({
    base: priceList,
    tiers: fc.array(fc.record({ aboveInputTokens: tokens, list: priceList }), { maxLength: 2 }),
  })
  .map(({ base, tiers }) => ({
    id: 'drawn',
    validFromMs: 0,
    base,
    tiers: tiers.toSorted((one, other) => one.aboveInputTokens - other.aboveInputTokens),
  }))

const words = ['flex', 'batch', 'priority', 'fast', 'ultrafast'] as const
const tierWord = fc.constantFrom(undefined, 'default', 'FLEX', 'ON_DEMAND_PRIORITY', 'auto', ...words)
const margin: fc.Arbitrary<Margin> = fc.record({
  id: fc.constant('m'),
  millionths: fc.integer({ min: -1_000_000, max: 100_000_000 }),
  perRequestNanoUsd: fc.integer({ min: 0, max: 10_000_000_000 }).map(toNanoUsd),
})

/** With service tiers, some by a factor and some by prices of their own, and perhaps a margin. */
const soldPrice: fc.Arbitrary<PriceVersion> = fc
  .record({
    version: price,
    services: fc.dictionary(
      fc.constantFrom(...words),
      fc.oneof(fc.integer({ min: 0, max: 5_000_000 }), price),
      { noNullPrototype: true },
    ),
    margin: maybe(margin),
    unknownServiceMillionths: maybe(fc.integer({ min: 1_000_000, max: 5_000_000 })),
  })
  .map(({ version, services, ...more }) => ({
    ...version,
    ...more,
    services: new Map(
      Object.entries(services).map(([word, sold]) => [
        word,
        typeof sold === 'number' ? scaledPrice(version, sold) : sold,
      ]),
    ),
  }))

const usage: fc.Arbitrary<Usage> = fc.record({
  inputTokens: orUnsaid(tokens),
  outputTokens: orUnsaid(tokens),
  cachedInputTokens: orUnsaid(tokens),
  cacheWriteTokens: orUnsaid(tokens),
  cacheWriteHourTokens: orUnsaid(tokens),
  reasoningTokens: orUnsaid(tokens),
  inputImageTokens: orUnsaid(tokens),
  inputAudioTokens: orUnsaid(tokens),
  outputImageTokens: orUnsaid(tokens),
  outputAudioTokens: orUnsaid(tokens),
})

interface Part {
  readonly count: bigint
  readonly perMillion: bigint
}

/** The rule once more, in whole fractions: each kind of token at its own price, what is left at the plain one. */
function partsOf({ base, tiers }: PriceVersion, use: Usage): Part[] {
  const list =
    tiers.findLast(({ aboveInputTokens }) => (use.inputTokens ?? 0) > aboveInputTokens)?.list ?? base
  const parts: Part[] = []
  const share = (
    total: number | null,
    plain: number,
    kinds: readonly (readonly [number, number | undefined])[],
  ) => {
    let left = BigInt(total ?? 0)
    for (const [count, own] of kinds) {
      if (own === undefined) continue
      const taken = BigInt(count) < left ? BigInt(count) : left
      left -= taken
      parts.push({ count: taken, perMillion: BigInt(own) })
    }
    parts.push({ count: left, perMillion: BigInt(plain) })
  }
  const hour = use.cacheWriteHourTokens ?? 0
  share(use.inputTokens, list.input, [
    [use.cachedInputTokens ?? 0, list.cachedInput],
    [hour, list.cacheWriteHour ?? list.cacheWrite],
    [Math.max(0, (use.cacheWriteTokens ?? 0) - hour), list.cacheWrite],
    [use.inputImageTokens ?? 0, list.inputImage],
    [use.inputAudioTokens ?? 0, list.inputAudio],
  ])
  share(use.outputTokens, list.output, [
    [use.reasoningTokens ?? 0, list.reasoning],
    [use.outputImageTokens ?? 0, list.outputImage],
    [use.outputAudioTokens ?? 0, list.outputAudio],
  ])
  parts.push({ count: 1_000_000n, perMillion: BigInt(list.perRequestNanoUsd ?? 0) })
  return parts
}

const million = 1_000_000n

test('a cost is the exact fraction, each part rounded up to the nano-dollar, and never a nano-dollar less', () => {
  fc.assert(
    fc.property(price, usage, (version, use) => {
      const parts = partsOf(version, use)
      const cost = BigInt(costOfUsage(version, use))
      const rounded = parts.reduce(
        (sum, part) => sum + (part.count * part.perMillion + million - 1n) / million,
        0n,
      )
      assert.equal(cost, rounded)
      const millionths = parts.reduce((sum, part) => sum + part.count * part.perMillion, 0n)
      assert.ok(cost * million >= millionths, 'never below the exact fraction')
      assert.ok(
        cost * million - millionths < BigInt(parts.length) * million,
        'less than one above for each part',
      )
    }),
    { numRuns: 2_000 },
  )
})

test('a product past the whole numbers of a float is as exact as a small one', () => {
  const count = fc.integer({ min: 1_000_000, max: 2_000_000_000 })
  fc.assert(
    fc.property(count, fc.integer({ min: 1_000_001, max: 4_000_000_000 }), (units, rate) => {
      const exact = (BigInt(units) * BigInt(rate) + million - 1n) / million
      assert.equal(BigInt(costOf(units, rate)), exact)
    }),
    { numRuns: 1_000 },
  )
})

test('more tokens never cost less, where longer questions are not cheaper', () => {
  const plain = price.map((version) => ({ ...version, tiers: [] }))
  const grown = fc.constantFrom('inputTokens' as const, 'outputTokens' as const)
  fc.assert(
    fc.property(plain, usage, grown, tokens, (version, use, kind, more) => {
      const larger = { ...use, [kind]: (use[kind] ?? 0) + more }
      assert.ok(costOfUsage(version, larger) >= costOfUsage(version, use))
    }),
    { numRuns: 1_000 },
  )
})

test('no usage within the caps costs more than the bound, whatever its parts are said to be', () => {
  fc.assert(
    fc.property(price, usage, tokens, tokens, (version, use, roomIn, roomOut) => {
      const inputBound = (use.inputTokens ?? 0) + roomIn
      const outputCap = (use.outputTokens ?? 0) + roomOut
      assert.ok(costOfUsage(version, use) <= highestCost(version, inputBound, outputCap))
    }),
    { numRuns: 2_000 },
  )
})

test('the output that an amount pays for never costs more than the amount', () => {
  fc.assert(
    fc.property(price, tokens, fc.integer({ min: 0, max: 10_000_000_000_000 }), (version, input, amount) => {
      const affordable = outputTokensAffordable(version, toNanoUsd(amount), input)
      if (affordable === 0 || affordable > 10_000_000) return
      assert.ok(highestCost(version, input, affordable) <= amount)
      const use = { ...unknownUsage, inputTokens: input, outputTokens: affordable }
      assert.ok(costOfUsage(version, use) <= amount)
    }),
    { numRuns: 2_000 },
  )
})

test('what is free can be as long as one likes, and free output does not pay for a dear question', () => {
  const free = { id: '', validFromMs: 0, base: { input: 0, output: 0 }, tiers: [] }
  assert.equal(outputTokensAffordable(free, toNanoUsd(0), 1_000), Number.POSITIVE_INFINITY)
  const dear = { input: 1_000_000_000, output: 0 }
  const tiered = { ...free, base: { input: 0, output: 1_000 }, tiers: [{ aboveInputTokens: 10, list: dear }] }
  assert.equal(outputTokensAffordable(tiered, toNanoUsd(5_000), 1_000), 0)
})

test('a charge is the exact fraction of its cost with the margin, rounded up, and never less than nothing', () => {
  fc.assert(
    fc.property(margin, fc.integer({ min: 0, max: 10_000_000_000_000 }), (added, cost) => {
      const charge = chargeFor(added, toNanoUsd(cost))
      const exact = BigInt(cost) * BigInt(1_000_000 + added.millionths)
      const most = (exact + million - 1n) / million + BigInt(added.perRequestNanoUsd)
      assert.equal(BigInt(charge), most)
      assert.ok(charge >= added.perRequestNanoUsd)
      assert.equal(addMillionths(cost, 0), cost)
    }),
    { numRuns: 1_000 },
  )
})

test('what may be spent within a charge is the most that it pays for', () => {
  const paid = margin.filter(({ millionths }) => millionths > -990_000)
  fc.assert(
    fc.property(paid, fc.integer({ min: 0, max: 1_000_000_000_000 }), (added, amount) => {
      const cost = costWithin(added, toNanoUsd(amount))
      assert.equal(costBehind(added, toNanoUsd(amount)), Math.max(0, cost))
      if (cost < 0) return assert.ok(added.perRequestNanoUsd > amount)
      assert.ok(chargeFor(added, cost) <= amount)
      assert.ok(chargeFor(added, toNanoUsd(cost + 1)) > amount)
    }),
    { numRuns: 1_000 },
  )
})

test('whatever service tier answers of those that a request may get, its charge is within what was held', () => {
  fc.assert(
    fc.property(soldPrice, usage, tierWord, (version, use, asked) => {
      const held = askedOf(version, asked)
      const bound = highestCost(held, use.inputTokens ?? 0, use.outputTokens ?? 0)
      const answers = asked === 'auto' ? [undefined, ...(version.services?.keys() ?? [])] : [undefined, asked]
      for (const serviceTier of answers) {
        const cost = costOfUsage(held, { ...use, serviceTier })
        assert.equal(cost, costOfUsage(version, { ...use, serviceTier }))
        assert.ok(
          chargeFor(held.margin, cost) <= bound,
          `${String(asked)} answered by ${String(serviceTier)}`,
        )
      }
    }),
    { numRuns: 2_000 },
  )
})

test('the output that an amount pays for is within the amount with tiers and margins too', () => {
  fc.assert(
    fc.property(soldPrice, tierWord, tokens, fc.integer({ min: 0, max: 10_000_000_000_000 }), (...drawn) => {
      const [version, asked, input, amount] = drawn
      const held = askedOf(version, asked)
      const affordable = outputTokensAffordable(held, toNanoUsd(amount), input)
      if (affordable === 0 || affordable > 10_000_000) return
      assert.ok(highestCost(held, input, affordable) <= amount)
    }),
    { numRuns: 2_000 },
  )
})
