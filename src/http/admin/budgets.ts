/** /admin/v1/budgets: limits set while the gateway runs, beside those of the configuration, with what each has left. */
import { z } from 'zod'
import { budgetScopes, isOfTenant } from '#core/domain/budget-scope.ts'
import { budgetWindows, hasTimeZone, isoText } from '#core/domain/budget-window.ts'
import { degradeActions, degradeFault } from '#core/domain/degrade-step.ts'
import type { DegradeStep } from '#core/domain/degrade-step.ts'
import { inCurrency } from '#core/domain/currency.ts'
import type { Currency } from '#core/domain/currency.ts'
import { formatUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { knownTimeZone } from '#core/domain/time-zone.ts'
import { amountIn } from '#http/admin/amount.ts'
import { readRequestJson } from '#http/body-reader.ts'
import { sendJson } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import type { BudgetLine, DoorPorts, NewBudget } from '#http/ports.ts'
import { parseWith } from '#http/schema-problem.ts'

const name = z.string().min(1).max(128)

const degradeStep = z.strictObject({
  from_percent: z.number().min(0).max(100).describe('Of the limit, spent and held together.'),
  action: z.enum(degradeActions),
  models: z
    .array(z.string().min(1).max(256))
    .max(64)
    .default([])
    .describe('With cheaper_models: who may answer in place of the model asked for.'),
  output_tokens: z
    .int()
    .min(64)
    .max(10_000_000)
    .optional()
    .describe('With lower_output_cap: the longest answer.'),
})

export const budgetRequest = z
  .strictObject({
    scope: z.enum(budgetScopes),
    subject: name
      .optional()
      .describe('Whose budget: a tenant, user, key id, ...; left out, each one of the scope for itself.'),
    tenant_id: name
      .optional()
      .describe(
        'The tenant of the team, project, user, key, end user or tag. Left out: your own; any, for the operator.',
      ),
    window: z
      .enum(budgetWindows)
      .default('month')
      .describe(
        'Calendar span; total never begins anew, and a rolling one counts the last hour, 24 hours, 7 or 30 days.',
      ),
    time_zone: z
      .string()
      .max(64)
      .optional()
      .describe(
        'IANA name of the zone by whose clocks the window begins, like Europe/Berlin. Left out: UTC.',
      ),
    limit_usd: z
      .union([z.number(), z.string().max(32)])
      .optional()
      .describe('US dollars, as a number or a decimal string. This, or `limit`.'),
    limit: z
      .union([z.number(), z.string().max(32)])
      .optional()
      .describe('US dollars, or "250 EUR" in the configured currency, converted now and rounded down.'),
    hard: z.boolean().default(true).describe('Whether it refuses; otherwise it is counted only.'),
    degrade: z
      .array(degradeStep)
      .max(16)
      .default([])
      .describe('What is done before it refuses, each from its share on.'),
  })
  .meta({ id: 'NewBudget' })

const inCurrencyMember = z
  .string()
  .nullable()
  .optional()
  .describe('The same in the configured currency, like "250 EUR"; not there without one.')

export const budgetLine = z
  .object({
    id: z.string().nullable().describe('Null for a limit of the configuration.'),
    scope: z.enum(budgetScopes),
    subject: z.string().nullable(),
    tenant_id: z.string().nullable(),
    window: z.enum(budgetWindows),
    time_zone: z.string(),
    resets_at: z
      .string()
      .nullable()
      .describe('When the running window ends, ISO 8601; null for total and rolling windows.'),
    limit_usd: z.string(),
    limit_in_currency: inCurrencyMember,
    hard: z.boolean(),
    degrade: z.array(degradeStep),
    spent_usd: z
      .string()
      .nullable()
      .describe('In the running window; null for a limit of each one of a scope.'),
    held_usd: z.string().nullable().describe('Held for requests that are being answered.'),
    spent_in_currency: inCurrencyMember,
    held_in_currency: inCurrencyMember,
    set_at: z.int().nullable().describe('Seconds since 1970.'),
  })
  .meta({ id: 'Budget' })

export const budgetList = z.object({ data: z.array(budgetLine) }).meta({ id: 'BudgetList' })
export const removedBudget = z
  .object({ id: z.string(), removed: z.literal(true) })
  .meta({ id: 'RemovedBudget' })

const bodyBytesMax = 65_536

export function createBudgetAdmin({ budgets, usage }: Pick<DoorPorts, 'budgets' | 'usage'>) {
  const written = (line: BudgetLine) => writtenIn(line, usage.currency())
  const readWish = async ({ request, response }: Exchange): Promise<NewBudget> => {
    const { value } = await readRequestJson(request, response, bodyBytesMax)
    return wishOf(parseWith(budgetRequest, value), usage.currency())
  }
  return {
    list: async (exchange: Exchange): Promise<void> => {
      sendJson(exchange, { data: (await budgets.list(exchange.caller)).map(written) })
    },
    create: async (exchange: Exchange): Promise<void> => {
      const line = await budgets.set(exchange.caller, await readWish(exchange), undefined)
      if (line) sendJson(exchange, written(line), 201)
    },
    replace: async (exchange: Exchange): Promise<void> => {
      const budgetId = exchange.params['id'] ?? ''
      const line = await budgets.set(exchange.caller, await readWish(exchange), budgetId)
      if (!line) throw noSuchBudget(budgetId)
      sendJson(exchange, written(line))
    },
    remove: async (exchange: Exchange): Promise<void> => {
      const budgetId = exchange.params['id'] ?? ''
      if (!(await budgets.remove(exchange.caller, budgetId))) throw noSuchBudget(budgetId)
      sendJson(exchange, { id: budgetId, removed: true })
    },
  }
}

function wishOf(request: z.output<typeof budgetRequest>, currency: Currency | undefined): NewBudget {
  const { scope, subject, tenant_id: tenantId, window, time_zone, hard, degrade: stated } = request
  if (scope === 'everyone' && subject !== undefined) throw meaningless('subject', `the scope ${scope}`)
  if (!isOfTenant(scope) && tenantId !== undefined) throw meaningless('tenant_id', `the scope ${scope}`)
  if (time_zone !== undefined && !hasTimeZone(window)) throw meaningless('time_zone', `the window ${window}`)
  const timeZone = time_zone === undefined ? undefined : zoneOf(time_zone)
  const degrade = stated.map(stepOf)
  for (const step of degrade) refuseFault(step, { scope, window })
  return {
    scope,
    subject,
    tenantId,
    window,
    timeZone,
    limitNanoUsd: limitOf(request, currency),
    isHard: hard,
    degrade,
  }
}

const stepOf = ({
  from_percent,
  action,
  models,
  output_tokens,
}: z.output<typeof degradeStep>): DegradeStep => ({
  fromPercent: from_percent,
  action,
  models,
  outputTokens: output_tokens,
})

function refuseFault(step: DegradeStep, budget: Pick<NewBudget, 'scope' | 'window'>): void {
  const fault = degradeFault(step, budget)
  if (!fault) return
  throw new Problem('invalid_value', { param: 'degrade', detail: `degrade: ${fault.field} ${fault.reason}.` })
}

function zoneOf(name: string): string {
  const zone = knownTimeZone(name)
  if (zone !== undefined) return zone
  throw new Problem('invalid_value', {
    param: 'time_zone',
    detail: 'time_zone must be the IANA name of a time zone, like Europe/Berlin.',
  })
}

function limitOf(
  { limit_usd, limit }: z.output<typeof budgetRequest>,
  currency: Currency | undefined,
): NanoUsd {
  if (limit_usd === undefined && limit === undefined)
    throw new Problem('missing_field', { param: 'limit_usd', detail: 'limit_usd is missing.' })
  if (limit_usd !== undefined && limit !== undefined) throw meaningless('limit', 'a budget with limit_usd')
  const amount = limit_usd === undefined ? amountIn(limit ?? '', currency) : amountIn(limit_usd)
  if (amount !== undefined) return amount
  const param = limit_usd === undefined ? 'limit' : 'limit_usd'
  const other = currency && limit !== undefined ? `, or of ${currency.code} like "250 ${currency.code}"` : ''
  throw new Problem('invalid_value', {
    param,
    detail: `${param} must be an amount of US dollars from 0 to 9007199, like 250 or "0.05"${other}.`,
  })
}

const meaningless = (param: string, where: string) =>
  new Problem('invalid_value', { param, detail: `${param} has no meaning for ${where}.` })

const noSuchBudget = (budgetId: string) =>
  new Problem('not_found', {
    detail: `There is no budget ${budgetId.slice(0, 128)}.`,
    mend: 'GET /admin/v1/budgets lists the budgets; those of the configuration are changed in its file.',
  })

const writtenIn = (line: BudgetLine, currency: Currency | undefined): z.output<typeof budgetLine> => ({
  id: line.id ?? null,
  scope: line.scope,
  subject: line.subject ?? null,
  tenant_id: line.tenantId ?? null,
  window: line.window,
  time_zone: line.timeZone ?? 'UTC',
  resets_at: line.resetsAtMs === undefined ? null : isoText(line.resetsAtMs),
  limit_usd: formatUsd(line.limitNanoUsd),
  hard: line.isHard,
  degrade: line.degrade.map(({ fromPercent, action, models, outputTokens }) => ({
    from_percent: fromPercent,
    action,
    models: [...models],
    ...(outputTokens === undefined ? {} : { output_tokens: outputTokens }),
  })),
  spent_usd: line.balance ? formatUsd(line.balance.spentNanoUsd) : null,
  held_usd: line.balance ? formatUsd(line.balance.heldNanoUsd) : null,
  ...(currency ? amountsIn(line, currency) : {}),
  set_at: line.setAtMs === undefined ? null : Math.floor(line.setAtMs / 1_000),
})

function amountsIn({ limitNanoUsd, balance }: BudgetLine, currency: Currency) {
  const told = (amount: NanoUsd | undefined) =>
    amount === undefined ? null : `${inCurrency(amount, currency)} ${currency.code}`
  return {
    limit_in_currency: told(limitNanoUsd),
    spent_in_currency: told(balance?.spentNanoUsd),
    held_in_currency: told(balance?.heldNanoUsd),
  }
}
