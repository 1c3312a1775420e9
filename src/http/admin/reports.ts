/** GET /admin/v1/reports/usage: requests, tokens, cost and times, by whatever one asks for, as JSON or CSV. */
import { z } from 'zod'
import { inCurrency } from '#core/domain/currency.ts'
import type { Currency } from '#core/domain/currency.ts'
import { formatUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { writeCsv } from '#core/domain/csv.ts'
import type { CsvCell } from '#core/domain/csv.ts'
import { currencyAnswer, toldCurrency } from '#http/admin/told-currency.ts'
import { moment, periodOf } from '#http/admin/period.ts'
import { sendJson, sendText } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import type { DoorPorts, ToldLine } from '#http/ports.ts'
import { parseWith } from '#http/schema-problem.ts'

/** What lines may be grouped by, in the words of the API, with the words of the port. */
const dimensions = {
  organisation: 'organisationId',
  tenant: 'tenantId',
  team: 'teamId',
  project: 'projectId',
  user: 'userId',
  end_user: 'endUserId',
  key: 'keyId',
  provider: 'provider',
  model: 'model',
  model_asked: 'modelAsked',
  door: 'door',
  task_type: 'taskType',
  tag: 'tag',
  problem: 'problem',
} as const
type Dimension = keyof typeof dimensions
const dimensionNames = Object.keys(dimensions) as [Dimension, ...Dimension[]]

const linesMax = 10_000
const text = z.string().min(1).max(256).optional()

export const reportQuery = z.strictObject({
  from: moment.optional().describe('Included; a date or an ISO 8601 time. Left out: 30 days before `to`.'),
  to: moment.optional().describe('Excluded. Left out: now.'),
  period: z
    .enum(['hourly', 'daily', 'weekly', 'monthly'])
    .optional()
    .describe('One line for each period (UTC) and group; left out, one for each group over all the time.'),
  group_by: z
    .string()
    .max(256)
    .optional()
    .describe(
      `Comma-separated: ${dimensionNames.join(', ')}. A request with several tags counts for each of them.`,
    ),
  tenant_id: text.describe('Of this tenant alone; the operator may name any.'),
  user_id: text,
  provider: text,
  model: text,
  format: z.enum(['json', 'csv']).optional().describe('Or say `accept: text/csv`.'),
  limit: z.coerce.number().int().min(1).max(linesMax).default(1_000).describe('The most lines.'),
})

const count = z.int()
const milliseconds = z.number().nullable()
export const reportAnswer = z
  .object({
    from: count.describe('Seconds since 1970.'),
    to: count,
    period: z.string().nullable(),
    group_by: z.array(z.string()),
    currency: currencyAnswer.optional(),
    lines: z.array(
      z.looseObject({
        period_start: z.iso.datetime().nullable(),
        requests: count,
        errors: count,
        attempts: count,
        failed_attempts: count,
        cached: count,
        refused: count,
        input_tokens: count,
        output_tokens: count,
        cached_input_tokens: count,
        cache_write_tokens: count,
        reasoning_tokens: count,
        cost_usd: z.string().describe('What tenants are charged, exact to the nano-dollar.'),
        provider_cost_usd: z
          .string()
          .nullable()
          .describe('What providers charge for it; for the operator alone, null for anybody else.'),
        cost_in_currency: z.string().optional().describe('The same in the configured currency.'),
        estimated_cost_usd: z.string().describe('The part that was estimated here.'),
        latency_mean_ms: milliseconds,
        latency_p50_ms: milliseconds,
        latency_p95_ms: milliseconds,
        latency_p99_ms: milliseconds,
        first_token_p50_ms: milliseconds,
        first_token_p95_ms: milliseconds,
        overhead_mean_ms: milliseconds,
      }),
    ),
  })
  .meta({ id: 'UsageReport' })

/** Every number of a line, in the order of the columns. */
const columns: Readonly<Record<string, (line: ToldLine) => CsvCell>> = {
  requests: (line) => line.requests,
  errors: (line) => line.errors,
  attempts: (line) => line.attempts,
  failed_attempts: (line) => line.failedAttempts,
  cached: (line) => line.cached,
  refused: (line) => line.refused,
  input_tokens: (line) => line.inputTokens,
  output_tokens: (line) => line.outputTokens,
  cached_input_tokens: (line) => line.cachedInputTokens,
  cache_write_tokens: (line) => line.cacheWriteTokens,
  reasoning_tokens: (line) => line.reasoningTokens,
  cost_usd: (line) => formatUsd(line.costNanoUsd),
  provider_cost_usd: (line) =>
    line.providerCostNanoUsd === undefined ? null : formatUsd(line.providerCostNanoUsd),
  estimated_cost_usd: (line) => formatUsd(line.estimatedCostNanoUsd),
  latency_mean_ms: (line) => line.latencyMs.mean,
  latency_p50_ms: (line) => line.latencyMs.p50,
  latency_p95_ms: (line) => line.latencyMs.p95,
  latency_p99_ms: (line) => line.latencyMs.p99,
  first_token_p50_ms: (line) => line.firstTokenMs.p50,
  first_token_p95_ms: (line) => line.firstTokenMs.p95,
  overhead_mean_ms: (line) => line.overheadMsMean,
}

export function createReportAdmin({ usage, clock }: Pick<DoorPorts, 'usage' | 'clock'>) {
  return {
    usage: async (exchange: Exchange): Promise<void> => {
      const query = parseWith(reportQuery, { ...exchange.query })
      const groupBy = readGroups(query.group_by)
      const { fromMs, toMs } = periodOf(query, clock.nowMs())
      const found = await usage.report(exchange.caller, {
        fromMs,
        toMs,
        period: query.period,
        groupBy: groupBy.map((name) => dimensions[name]),
        tenantId: query.tenant_id,
        userId: query.user_id,
        provider: query.provider,
        model: query.model,
        limit: query.limit,
      })
      const currency = usage.currency()
      const header = [
        'period_start',
        ...groupBy,
        ...Object.keys(columns),
        ...(currency ? currencyColumns : []),
      ]
      const rows = found.map((line) => cellsOf(line, currency))
      if (wantsCsv(exchange, query.format)) {
        sendText(exchange, {
          contentType: 'text/csv; charset=utf-8; header=present',
          text: writeCsv(header, rows),
          headers: { 'content-disposition': 'attachment; filename="usage.csv"' },
        })
      } else {
        sendJson(exchange, {
          from: Math.floor(fromMs / 1_000),
          to: Math.floor(toMs / 1_000),
          period: query.period ?? null,
          group_by: groupBy,
          ...(currency ? { currency: toldCurrency(currency) } : {}),
          lines: rows.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i] ?? null]))),
        })
      }
    },
  }
}

function readGroups(list: string | undefined): readonly Dimension[] {
  const names = (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const unknown = names.find((name) => !Object.hasOwn(dimensions, name))
  if (unknown !== undefined || new Set(names).size < names.length) {
    throw new Problem('invalid_value', {
      param: 'group_by',
      detail: `group_by must name some of ${dimensionNames.join(', ')}, each once.`,
    })
  }
  return names as Dimension[]
}

function wantsCsv({ request }: Exchange, format: 'json' | 'csv' | undefined): boolean {
  if (format !== undefined) return format === 'csv'
  return request.headers.accept?.includes('text/csv') === true
}

const currencyColumns = ['currency', 'cost_in_currency']

function cellsOf(line: ToldLine, currency: Currency | undefined): readonly CsvCell[] {
  const start = line.periodStartMs === null ? null : new Date(line.periodStartMs).toISOString()
  const shown = currency ? [currency.code, inCurrency(line.costNanoUsd, currency)] : []
  return [start, ...line.group, ...Object.values(columns).map((valueOf) => valueOf(line)), ...shown]
}
