/** Days, counts and amounts as exports write them. Each gives null for what is none. */

const decimalForm = /^([-+]?)(\d{1,18})(?:\.(\d{0,30}))?(?:[eE]([-+]?\d{1,3}))?$/

/**
 * A decimal number of units that are worth so many nano-dollars each, rounded half up to the nano-dollar. Text like
 * `1,234.50` and `$0.5` is a number too.
 */
export function amountIn(text: string | undefined, nanoUsdPerUnit: bigint): number | null {
  const match = decimalForm.exec((text ?? '').replaceAll(/[$,\s]/g, ''))
  if (!match) return null
  const [, sign = '', whole = '0', decimals = '', exponent = '0'] = match
  const digits = BigInt(`${whole}${decimals}`) * nanoUsdPerUnit
  const shift = Number(exponent) - decimals.length
  if (Math.abs(shift) > 60) return digits === 0n ? 0 : null
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : halfUp(digits, 10n ** BigInt(-shift))
  const amount = Number(sign === '-' ? -scaled : scaled)
  return Number.isSafeInteger(amount) ? amount : null
}

const halfUp = (digits: bigint, divisor: bigint) => (digits * 2n + divisor) / (divisor * 2n)

/** A whole number; `12.0` is one too, as spreadsheets write it. */
export function countIn(text: string | undefined): number | null {
  const match = /^(\d{1,15})(?:\.0*)?$/.exec((text ?? '').replaceAll(',', ''))
  return match ? Number(match[1]) : null
}

const dayMs = 86_400_000

/** The UTC day of a date, a time or seconds since 1970. */
export function dayIn(text: string | undefined): string | null {
  if (text === undefined) return null
  if (/^\d{9,11}$/.test(text)) return dayOf(Number(text) * 1_000)
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|UTC|[-+]\d{2}:?\d{2})?)?$/.exec(
      text,
    )
  if (!match) return null
  const [, day = '', time = '00:00', zone = 'Z'] = match
  const moment = Date.parse(`${day}T${time}${zone === 'UTC' ? 'Z' : zone}`)
  return Number.isNaN(moment) ? null : dayOf(moment)
}

/** `2026-11-22` of a moment in milliseconds. */
export function dayOf(momentMs: number): string {
  return new Date(Math.floor(momentMs / dayMs) * dayMs).toISOString().slice(0, 10)
}
