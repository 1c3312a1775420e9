/** Money in whole nano-dollars (10^-9 US dollar): exact sums, rounding only ever upwards and only in one place. */
import { Problem } from '#core/domain/problem.ts'

declare const nanoUsd: unique symbol
/** Whole nano-dollars. A safe integer, so the largest amount is $9,007,199.25 (2^53 - 1). */
export type NanoUsd = number & { readonly [nanoUsd]: true }

export const zeroUsd = 0 as NanoUsd
export const nanoPerUsd = 1_000_000_000
const million = 1_000_000

/** The number as an amount. Throws `internal_error` for anything but a whole, safe number. */
export function toNanoUsd(amount: number): NanoUsd {
  if (!Number.isSafeInteger(amount)) {
    throw new Problem('internal_error', { detail: `${amount} is not a whole amount of nano-dollars` })
  }
  return amount as NanoUsd
}

export function addMoney(a: NanoUsd, b: NanoUsd): NanoUsd {
  return toNanoUsd(a + b)
}

/**
 * What `count` units cost at a price per million units, rounded up to the next nano-dollar.
 * Exact for every pair of safe integers: products past 2^53 go through BigInt.
 */
export function costOf(count: number, nanoUsdPerMillion: number): NanoUsd {
  const product = count * nanoUsdPerMillion
  if (Number.isSafeInteger(product)) return Math.ceil(product / million) as NanoUsd
  const exact = (BigInt(count) * BigInt(nanoUsdPerMillion) + 999_999n) / 1_000_000n
  return toNanoUsd(Number(exact))
}

/** An amount with so many millionths of itself added (or taken off), rounded up; exact for every pair of safe integers. */
export function addMillionths(amount: number, millionths: number): number {
  const product = amount * (million + millionths)
  if (Number.isSafeInteger(product)) return Math.ceil(product / million)
  const exact = BigInt(amount) * BigInt(million + millionths)
  return toNanoUsd(Number((exact + (exact > 0n ? 999_999n : 0n)) / 1_000_000n))
}

/** How many whole units an amount buys at a price per million units; Infinity when the price is 0. */
export function unitsFor(amount: NanoUsd, nanoUsdPerMillion: number): number {
  if (nanoUsdPerMillion <= 0) return Number.POSITIVE_INFINITY
  if (amount <= 0) return 0
  return Number((BigInt(amount) * 1_000_000n) / BigInt(nanoUsdPerMillion))
}

/**
 * Dollars, as people write them (`0.15`, `"2.50"`), in nano-dollars. More than nine decimals round up.
 * Throws `invalid_value` for anything that is not a plain decimal number of at most $9,007,199.
 */
export function usdToNano(usd: number | string): NanoUsd {
  const text = typeof usd === 'number' ? decimalText(usd) : usd.trim()
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,24}))?$/.exec(text)
  if (!match) throw new Problem('invalid_value', { detail: `"${text}" is not an amount in US dollars` })
  const [, sign = '', whole = '0', decimals = ''] = match
  const padded = decimals.padEnd(9, '0')
  const roundUp = /[1-9]/.test(padded.slice(9)) ? 1n : 0n
  const exact = BigInt(whole) * 1_000_000_000n + BigInt(padded.slice(0, 9)) + roundUp
  if (exact > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new Problem('invalid_value', { detail: `$${text} is above the largest amount, $9,007,199` })
  }
  return Number(sign ? -exact : exact) as NanoUsd
}

/** The amount in dollars as an exact decimal string without trailing zeros: 1500 nano-dollars is "0.0000015". */
export function formatUsd(amount: NanoUsd): string {
  const size = Math.abs(amount)
  let rest = size % nanoPerUsd
  const whole = (size - rest) / nanoPerUsd
  const sign = amount < 0 ? '-' : ''
  if (rest === 0) return `${sign}${whole}`
  let digits = 9
  for (; rest % 10 === 0; digits--) rest /= 10
  return `${sign}${whole}.${String(rest).padStart(digits, '0')}`
}

/** The amount as a plain number of dollars, for JSON that people read. Lossy past 15 digits; never summed. */
export function usdNumber(amount: NanoUsd): number {
  return amount / nanoPerUsd
}

/** Numbers print with exponents below 1e-6; prices do not. */
function decimalText(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(18).replace(/0+$/, '').replace(/\.$/, '') : text
}
