import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addMoney, costOf, formatUsd, toNanoUsd, unitsFor, usdToNano } from '#core/domain/money.ts'

const exactCost = (count: number, price: number) => (BigInt(count) * BigInt(price) + 999_999n) / 1_000_000n
const count = fc.integer({ min: 0, max: 100_000_000 })
const price = fc.integer({ min: 0, max: 1_000_000_000_000 })

test('a cost is the exact product rounded up to the nano-dollar, for products of any size', () => {
  fc.assert(
    fc.property(count, price, (units, perMillion) => {
      const exact = exactCost(units, perMillion)
      fc.pre(exact <= BigInt(Number.MAX_SAFE_INTEGER))
      assert.equal(BigInt(costOf(units, perMillion)), exact)
    }),
  )
})

test('an amount buys exactly as many units as it pays for, and not one more', () => {
  const positivePrice = fc.integer({ min: 1, max: 1_000_000_000_000 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), positivePrice, (amount, perMillion) => {
      const units = unitsFor(toNanoUsd(amount), perMillion)
      fc.pre(
        Number.isSafeInteger(units) && exactCost(units + 1, perMillion) <= BigInt(Number.MAX_SAFE_INTEGER),
      )
      assert.ok(costOf(units, perMillion) <= amount)
      assert.ok(Number(exactCost(units + 1, perMillion)) > amount)
    }),
  )
})

test('dollars written as text come back as the same text', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (amount) => {
      assert.equal(usdToNano(formatUsd(toNanoUsd(amount))), amount)
    }),
  )
})

test('dollars are read as people write them', () => {
  assert.equal(usdToNano('0.15'), 150_000_000)
  assert.equal(usdToNano(2.5), 2_500_000_000)
  assert.equal(usdToNano(1e-7), 100)
  assert.equal(usdToNano('0.0000000001'), 1, 'more than nine decimals round up')
  assert.equal(formatUsd(toNanoUsd(1_500)), '0.0000015')
  assert.equal(formatUsd(toNanoUsd(-2_000_000_000)), '-2')
  assert.equal(formatUsd(toNanoUsd(0)), '0')
})

test('what is not an amount is refused', () => {
  for (const wrong of ['', 'ten', '1,5', 'NaN', '1e400', '99999999999']) {
    assert.throws(() => usdToNano(wrong), { code: 'invalid_value' }, wrong)
  }
  assert.throws(() => toNanoUsd(0.5), { code: 'internal_error' })
  assert.throws(() => addMoney(toNanoUsd(Number.MAX_SAFE_INTEGER), toNanoUsd(1)), { code: 'internal_error' })
})
