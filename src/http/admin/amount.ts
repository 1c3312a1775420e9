/** An amount of money in a request of the admin API. */
import { amountToNano } from '#core/domain/currency.ts'
import type { Currency } from '#core/domain/currency.ts'
import type { NanoUsd } from '#core/domain/money.ts'

/** The amount, in US dollars or like `250 EUR` in the currency that is given, or undefined when it is none from 0 to the largest there is. */
export function amountIn(value: string | number, currency?: Currency): NanoUsd | undefined {
  try {
    const amount = amountToNano(value, currency)
    return amount >= 0 ? amount : undefined
  } catch {
    return undefined
  }
}
