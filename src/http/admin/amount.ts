/** An amount of US dollars in a request of the admin API. */
import { usdToNano } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'

/** The amount, or undefined when it is none from 0 to the largest there is. */
export function amountIn(value: string | number): NanoUsd | undefined {
  try {
    const amount = usdToNano(value)
    return amount >= 0 ? amount : undefined
  } catch {
    return undefined
  }
}
