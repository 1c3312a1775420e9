/** Amounts in the operator's currency: shown to nine decimals, stated limits never above what was meant. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { amountToNano, inCurrency } from '#core/domain/currency.ts'
import { toNanoUsd } from '#core/domain/money.ts'

const euro = { code: 'EUR', billionthsPerUsd: 920_000_000 }

test('an amount is shown at the rate, rounded half up in its ninth decimal', () => {
  const shown = (nanoUsd: number) => inCurrency(toNanoUsd(nanoUsd), euro)
  assert.deepEqual([0, 1, -1, 1_000_000_000, 1_500, -50, 6].map(shown), [
    '0',
    '0.000000001',
    '-0.000000001',
    '0.92',
    '0.00000138',
    '-0.000000046',
    '0.000000006',
  ])
})

test('a limit may be stated in the currency, and is never above what it says', () => {
  assert.equal(amountToNano('92 EUR', euro), 100_000_000_000)
  assert.equal(amountToNano('92EUR', euro), 100_000_000_000)
  assert.equal(amountToNano('1 USD', euro), 1_000_000_000)
  assert.equal(amountToNano(250, euro), 250_000_000_000)
  for (const wrong of ['5 GBP', '5 EUR more', '-5 EUR', '999999999999 EUR'])
    assert.throws(() => amountToNano(wrong, euro), { code: 'invalid_value' }, wrong)
  assert.throws(() => amountToNano('5 EUR', undefined), { code: 'invalid_value' })
  const rate = fc.integer({ min: 1_000_000, max: 2_000_000_000_000 })
  fc.assert(
    fc.property(rate, fc.nat(8_000), (billionthsPerUsd, units) => {
      const nano = BigInt(amountToNano(`${units} EUR`, { code: 'EUR', billionthsPerUsd }))
      const stated = BigInt(units) * 10n ** 18n
      assert.ok(nano * BigInt(billionthsPerUsd) <= stated)
      assert.ok((nano + 1n) * BigInt(billionthsPerUsd) > stated)
    }),
  )
})
