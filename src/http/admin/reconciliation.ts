/** POST /admin/v1/reports/reconciliation: a provider's own export, sent as it is, compared with what is kept here. */
import { z } from 'zod'
import { formatUsd, toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { readBody } from '#http/body-reader.ts'
import { sendJson } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import type { DoorPorts } from '#http/ports.ts'
import { parseWith } from '#http/schema-problem.ts'
import type { Used } from '#services/reconciliation/reconcile.ts'

export const reconciliationQuery = z.strictObject({
  provider: z.enum(['openai', 'anthropic', 'gemini', 'cohere']).describe('Whose export it is.'),
  from: z.iso.date().describe('Included; a day, UTC.'),
  to: z.iso.date().describe('Excluded; a day, UTC.'),
  tolerance: z.coerce
    .number()
    .min(0)
    .max(100)
    .default(0.1)
    .describe('Differences up to this many percent of the larger number are let pass.'),
  key: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe(
      'Only lines for this key, workspace or project, by name or id; several are separated by commas.',
    ),
})

const used = z.object({
  requests: z.int().nullable(),
  input_tokens: z.int().nullable(),
  output_tokens: z.int().nullable(),
  cost_usd: z.string().nullable(),
})

export const reconciliationAnswer = z
  .object({
    days: z.int(),
    lines: z.int().describe('Lines of the export within the period.'),
    compared: z.int().describe('Pairs of a day and a model.'),
    here: used,
    there: used,
    differences: z.array(
      z.object({
        difference: z
          .enum(['missing_here', 'missing_there', 'differs', 'duplicate'])
          .describe('missing_here: the provider has it and the rows do not.'),
        day: z.string().describe('A day, or the whole period where lines of the export cover several days.'),
        model: z.string().nullable(),
        here: used,
        there: used,
        there_by_key: z
          .array(used.extend({ key: z.string() }))
          .describe('By API key, workspace or project, where the export names them.'),
      }),
    ),
  })
  .meta({ id: 'Reconciliation' })

/** A web page cannot send these to a server on its visitor's machine without asking first. */
const contentTypes = /^(?:application\/(?:json|x-ndjson|csv)|text\/csv)\s*(?:;|$)/i

export function createReconciliationAdmin({
  reconciliation,
  settings,
}: Pick<DoorPorts, 'reconciliation' | 'settings'>) {
  return {
    /** Throws `unsupported_content_type`, `body_too_large`, `invalid_value`, `not_permitted`. */
    compare: async (exchange: Exchange): Promise<void> => {
      const { provider, from, to, tolerance, key } = parseWith(reconciliationQuery, { ...exchange.query })
      const { request, response, caller } = exchange
      if (!contentTypes.test(request.headers['content-type'] ?? '')) {
        throw new Problem('unsupported_content_type', {
          param: 'content-type',
          detail: 'The export must be sent as application/json, application/x-ndjson or text/csv.',
        })
      }
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)]
      if (fromMs >= toMs) {
        throw new Problem('invalid_value', { param: 'from', detail: 'from must be before to.' })
      }
      const body = await readBody(request, response, settings.bodyBytesMax)
      const found = await reconciliation.compare(caller, {
        provider,
        text: body.toString('utf8'),
        fromMs,
        toMs,
        tolerancePercent: tolerance,
        key,
      })
      sendJson(exchange, {
        days: found.days,
        lines: found.lines,
        compared: found.compared,
        here: written(found.here),
        there: written(found.there),
        differences: found.differences.map(({ kind, day, model, here, there, thereByKey }) => ({
          difference: kind,
          day,
          model,
          here: written(here),
          there: written(there),
          there_by_key: thereByKey.map(({ key: name, ...its }) => ({ key: name, ...written(its) })),
        })),
      })
    },
  }
}

const written = ({ requests, inputTokens, outputTokens, costNanoUsd }: Used) => ({
  requests,
  input_tokens: inputTokens,
  output_tokens: outputTokens,
  cost_usd: costNanoUsd === null ? null : formatUsd(toNanoUsd(costNanoUsd)),
})
