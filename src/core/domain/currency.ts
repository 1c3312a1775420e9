/** The operator's own currency: for showing amounts and stating limits; everything is kept and counted in US dollars. */
import { Problem } from '#core/domain/problem.ts'
import { formatUsd, toNanoUsd, usdToNano } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'

export interface Currency {
  /** Three capital letters (ISO 4217). */
  readonly code: string
  /** Billionths of it that a US dollar is worth: 920,000,000 for 0.92. */
  readonly billionthsPerUsd: number
}

const billion = 1_000_000_000n

/** The amount in the currency as a decimal string of at most nine decimals, the last one rounded half up. */
export function inCurrency(amount: NanoUsd, { billionthsPerUsd }: Currency): string {
  const exact = BigInt(Math.abs(amount)) * BigInt(billionthsPerUsd)
  const rounded = (exact * 2n + billion) / (billion * 2n)
  const text = `${rounded / billion}.${String(rounded % billion).padStart(9, '0')}`.replace(/\.?0+$/, '')
  return amount < 0 && rounded > 0n ? `-${text}` : text
}

const statedForm = /^(\d{1,12}(?:\.\d{1,24})?) ?([A-Z]{3})$/

/** The amount and the currency of a text like `250 EUR`; undefined for one that names no currency. */
export function statedAmount(
  text: string | number,
): { readonly amount: string; readonly code: string } | undefined {
  const [, amount, code] = statedForm.exec(String(text).trim()) ?? []
  return amount === undefined || code === undefined ? undefined : { amount, code }
}

/**
 * Dollars as `usdToNano` reads them, or an amount of the operator's currency like `250 EUR`, rounded down so that a
 * limit is never above what was stated. Throws `invalid_value` for another currency and for anything that is no amount.
 */
export function amountToNano(text: string | number, currency: Currency | undefined): NanoUsd {
  const stated = statedAmount(text)
  if (!stated) return usdToNano(text)
  if (stated.code === 'USD') return usdToNano(stated.amount)
  if (stated.code !== currency?.code) {
    throw new Problem('invalid_value', {
      detail: `"${text}" is not in US dollars or the configured currency`,
    })
  }
  const [whole = '0', decimals = ''] = stated.amount.split('.')
  const units = BigInt(whole) * billion + BigInt(decimals.padEnd(9, '0').slice(0, 9))
  const nano = (units * billion) / BigInt(currency.billionthsPerUsd)
  if (nano <= BigInt(Number.MAX_SAFE_INTEGER)) return toNanoUsd(Number(nano))
  throw new Problem('invalid_value', {
    detail: `"${text}" is above the largest amount, $${formatUsd(toNanoUsd(Number.MAX_SAFE_INTEGER))}`,
  })
}
