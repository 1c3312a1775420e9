/** /admin/v1/balances: prepaid balances, what is left of each, and the payments into them. */
import { z } from 'zod'
import { prepaidScopes } from '#core/domain/budget-scope.ts'
import { formatUsd, zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { amountIn } from '#http/admin/amount.ts'
import { readRequestJson } from '#http/body-reader.ts'
import { sendJson } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import type { BalanceLine, DoorPorts, NewTopUp, TopUpLine } from '#http/ports.ts'
import { parseWith } from '#http/schema-problem.ts'

const name = z.string().min(1).max(128)
const owner = {
  scope: z.enum(prepaidScopes),
  subject: name.describe('Whose balance: a tenant, or a team, user or key id.'),
  tenant_id: name.optional().describe('The tenant of the team, user or key. Left out: your own.'),
}

export const topUpRequest = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/)
      .describe('Your own name for this payment: told again, it is not paid in again.'),
    ...owner,
    amount_usd: z
      .union([z.number(), z.string().max(32)])
      .describe('US dollars above 0, as a number or a decimal string.'),
    note: z.string().max(512).optional().describe('For the books, such as the number of an invoice.'),
  })
  .meta({ id: 'NewTopUp' })

export const balanceLine = z
  .object({
    scope: z.enum(prepaidScopes),
    subject: z.string(),
    tenant_id: z.string(),
    top_ups: z.int(),
    paid_in_usd: z.string(),
    spent_usd: z.string(),
    held_usd: z.string().describe('Held for requests that are being answered.'),
    balance_usd: z.string().describe('What is left to be held and spent; never below 0.'),
    overdrawn_usd: z
      .string()
      .describe('What answers cost beyond their holds when nothing was left; the next top-up pays for it.'),
  })
  .meta({ id: 'Balance' })

export const balanceList = z.object({ data: z.array(balanceLine) }).meta({ id: 'BalanceList' })

const topUpLine = z
  .object({
    id: z.string(),
    scope: z.enum(prepaidScopes),
    subject: z.string(),
    tenant_id: z.string(),
    amount_usd: z.string(),
    note: z.string().nullable(),
    added_at: z.int().describe('Seconds since 1970.'),
    added_by: z.string().describe('The id of the key that paid in.'),
  })
  .meta({ id: 'TopUp' })

export const paidTopUp = topUpLine.extend({ balance: balanceLine }).meta({ id: 'PaidTopUp' })
export const topUpList = z.object({ data: z.array(topUpLine) }).meta({ id: 'TopUpList' })
export const topUpQuery = z.strictObject({
  ...owner,
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

const bodyBytesMax = 65_536

export function createBalanceAdmin({ balances }: Pick<DoorPorts, 'balances'>) {
  return {
    list: async (exchange: Exchange): Promise<void> => {
      sendJson(exchange, { data: (await balances.list(exchange.caller)).map(written) })
    },
    topUp: async (exchange: Exchange): Promise<void> => {
      const { value } = await readRequestJson(exchange.request, exchange.response, bodyBytesMax)
      const paid = await balances.topUp(exchange.caller, wishOf(parseWith(topUpRequest, value)))
      const answer = { ...writtenTopUp(paid.topUp), balance: written(paid.balance) }
      sendJson(exchange, answer, paid.isNew ? 201 : 200)
    },
    history: async (exchange: Exchange): Promise<void> => {
      const { scope, subject, tenant_id, limit } = parseWith(topUpQuery, { ...exchange.query })
      const asked = { scope, subject, tenantId: tenantOf(scope, tenant_id) }
      const lines = await balances.history(exchange.caller, asked, limit)
      sendJson(exchange, { data: lines.map(writtenTopUp) })
    },
  }
}

function wishOf({
  id,
  scope,
  subject,
  tenant_id,
  amount_usd,
  note,
}: z.output<typeof topUpRequest>): NewTopUp {
  const amountNanoUsd = amountIn(amount_usd)
  if (amountNanoUsd === undefined || amountNanoUsd <= 0) {
    throw new Problem('invalid_value', {
      param: 'amount_usd',
      detail: 'amount_usd must be an amount of US dollars above 0 and up to 9007199, like 250 or "0.05".',
    })
  }
  return { id, scope, subject, tenantId: tenantOf(scope, tenant_id), amountNanoUsd, note }
}

function tenantOf(scope: NewTopUp['scope'], tenantId: string | undefined): string | undefined {
  if (scope !== 'tenant' || tenantId === undefined) return tenantId
  throw new Problem('invalid_value', {
    param: 'tenant_id',
    detail: 'tenant_id has no meaning for the scope tenant.',
  })
}

const written = (line: BalanceLine): z.output<typeof balanceLine> => {
  const left = line.paidInNanoUsd - line.spentNanoUsd - line.heldNanoUsd
  return {
    scope: line.scope,
    subject: line.subject,
    tenant_id: line.tenantId ?? line.subject,
    top_ups: line.topUps,
    paid_in_usd: formatUsd(line.paidInNanoUsd),
    spent_usd: formatUsd(line.spentNanoUsd),
    held_usd: formatUsd(line.heldNanoUsd),
    balance_usd: formatUsd(left > 0 ? (left as NanoUsd) : zeroUsd),
    overdrawn_usd: formatUsd(left < 0 ? (-left as NanoUsd) : zeroUsd),
  }
}

const writtenTopUp = (line: TopUpLine): z.output<typeof topUpLine> => ({
  id: line.id,
  scope: line.scope,
  subject: line.subject,
  tenant_id: line.tenantId ?? line.subject,
  amount_usd: formatUsd(line.amountNanoUsd),
  note: line.note ?? null,
  added_at: Math.floor(line.addedAtMs / 1_000),
  added_by: line.addedBy,
})
