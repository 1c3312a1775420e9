/** GET /admin/v1/usage: what was used and spent in a period, in all and by model. */
import { z } from 'zod'
import { inCurrency } from '#core/domain/currency.ts'
import { nanoPerUsd, toNanoUsd } from '#core/domain/money.ts'
import { currencyAnswer, toldCurrency } from '#http/admin/told-currency.ts'
import { moment, periodOf } from '#http/admin/period.ts'
import { sendJson } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import type { DoorPorts } from '#http/ports.ts'
import { parseWith } from '#http/schema-problem.ts'

export const usageQuery = z.strictObject({
  from: moment.optional().describe('Included; a date or an ISO 8601 time. Left out: 30 days before `to`.'),
  to: moment.optional().describe('Excluded. Left out: now.'),
})

const sums = {
  requests: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost: z.number().describe('US dollars.'),
  cost_nano_usd: z.int(),
}

export const usageAnswer = z
  .object({
    from: z.int().describe('Seconds since 1970.'),
    to: z.int(),
    failures: z.int(),
    ...sums,
    currency: currencyAnswer.optional(),
    cost_in_currency: z.string().optional(),
    by_model: z.array(z.object({ model: z.string(), ...sums })),
  })
  .meta({ id: 'UsageTotals' })

export function createUsageAdmin({ usage, clock }: Pick<DoorPorts, 'usage' | 'clock'>) {
  return {
    totals: async (exchange: Exchange): Promise<void> => {
      const query = parseWith(usageQuery, { ...exchange.query })
      const { fromMs, toMs } = periodOf(query, clock.nowMs())
      const currency = usage.currency()
      const totals = await usage.totals(exchange.caller, { fromMs, toMs })
      sendJson(exchange, {
        from: Math.floor(fromMs / 1_000),
        to: Math.floor(toMs / 1_000),
        failures: totals.failures,
        ...sumsOf(totals),
        ...(currency
          ? {
              currency: toldCurrency(currency),
              cost_in_currency: inCurrency(toNanoUsd(totals.costNanoUsd), currency),
            }
          : {}),
        by_model: totals.byModel.map((row) => ({ model: row.model, ...sumsOf(row) })),
      })
    },
  }
}

interface Sums {
  readonly requests: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costNanoUsd: number
}

const sumsOf = (row: Sums) => ({
  requests: row.requests,
  input_tokens: row.inputTokens,
  output_tokens: row.outputTokens,
  cost: row.costNanoUsd / nanoPerUsd,
  cost_nano_usd: row.costNanoUsd,
})
