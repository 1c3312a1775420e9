/** The configured currency as reports tell it. */
import { z } from 'zod'
import type { Currency } from '#core/domain/currency.ts'
import { formatUsd, toNanoUsd } from '#core/domain/money.ts'

export const currencyAnswer = z
  .object({ code: z.string(), per_usd: z.string().describe('How much of it a US dollar is worth.') })
  .describe('In what amounts are shown beside US dollars, where one is configured.')

export const toldCurrency = ({ code, billionthsPerUsd }: Currency) => ({
  code,
  // Billionths of anything are written as nano-dollars are.
  per_usd: formatUsd(toNanoUsd(billionthsPerUsd)),
})
