/** The forms that values take in the settings file: counts, times, money, names and addresses. */
import { z } from 'zod'
import { statedAmount } from '#core/domain/currency.ts'
import { usdToNano } from '#core/domain/money.ts'

/** A whole number within bounds, both included. */
export function count(min: number, max: number) {
  return z.int().min(min).max(max)
}

const dayMs = 86_400_000

/** Milliseconds, from `min` up to one day. */
export function milliseconds(min = 0) {
  return count(min, dayMs)
}

/** An amount of US dollars as a number or a decimal string: `250`, `0.05`, `"1000.00"`. */
export const dollars = z
  .union([z.number(), z.string().max(32)])
  .refine(isAmount, { error: 'must be an amount of US dollars from 0 to 9007199, like 250 or "0.05"' })

function isAmount(value: number | string): boolean {
  try {
    return usdToNano(value) >= 0
  } catch {
    return false
  }
}

/** An amount of US dollars, or one of the operator's currency: `250`, `"250 EUR"`. */
export const budgetAmount = z.union([z.number(), z.string().max(40)]).refine(isBudgetAmount, {
  error: 'must be an amount of US dollars from 0 to 9007199, like 250 or "0.05", or one like "250 EUR"',
})

function isBudgetAmount(value: number | string): boolean {
  return statedAmount(value) !== undefined || isAmount(value)
}

/** A name that travels in URLs, headers and metric labels. */
export const plainName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/, {
  error: 'must be a name of letters, digits and . _ : / @ -, at most 128 characters',
})

/** The name of a secret: a plain name, behind which `#field` may stand. */
export const secretName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}(?:#[A-Za-z0-9._-]{1,64})?$/, {
    error:
      'must be the name of a secret: letters, digits and . _ : / @ -, at most 128 characters, and #field behind it where a secret has fields',
  })

/** An http or https address without user, password or fragment. */
export const httpAddress = z.string().max(2048).refine(isHttpAddress, {
  error: 'must be an address like https://api.example.com/v1, without user, password, query or #',
})

function isHttpAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  return isWeb && url.username === '' && url.password === '' && url.hash === '' && url.search === ''
}

/** Text on one line, not empty. */
export const line = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !/[\r\n\0]/.test(text), { error: 'must be one line of text' })
