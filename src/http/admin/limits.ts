/** /admin/v1/limits: rules about requests, tokens and requests at once, set while the gateway runs. For the operator. */
import { z } from 'zod'
import { isAboutTarget, limitLevels, limitWindows } from '#core/domain/limit-rule.ts'
import type { LimitRule, LimitWindow } from '#core/domain/limit-rule.ts'
import { Problem } from '#core/domain/problem.ts'
import { readRequestJson } from '#http/body-reader.ts'
import { sendJson } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import type { DoorPorts } from '#http/ports.ts'
import type { RateRuleLine } from '#http/rate-rule-port.ts'
import { parseWith } from '#http/schema-problem.ts'

const name = z.string().min(1).max(128)
const windows = Object.keys(limitWindows) as [LimitWindow, ...LimitWindow[]]
const count = (most: number) => z.int().min(1).max(most).optional()

export const limitRequest = z
  .strictObject({
    level: z.enum(limitLevels),
    subject: name.optional().describe('Who exactly; left out, each one of the level for itself.'),
    tenant_id: name
      .optional()
      .describe('The tenant of the team, project, user, key or end user; left out, any tenant.'),
    window: z.enum(windows).default('minute').describe('The span for requests and tokens.'),
    requests: count(1_000_000_000).describe('Requests in the window.'),
    tokens: count(1_000_000_000_000).describe('Input and output tokens in the window.'),
    concurrent_requests: count(1_000_000).describe('Requests at once.'),
  })
  .meta({ id: 'NewRateLimit' })

export const limitLine = z
  .object({
    id: z.string().nullable().describe('Null for a limit of the configuration.'),
    level: z.enum(limitLevels),
    subject: z.string().nullable(),
    tenant_id: z.string().nullable(),
    window: z.enum(windows),
    requests: z.int().nullable(),
    tokens: z.int().nullable(),
    concurrent_requests: z.int().nullable(),
    set_at: z.int().nullable().describe('Seconds since 1970.'),
  })
  .meta({ id: 'RateLimit' })

export const limitList = z.object({ data: z.array(limitLine) }).meta({ id: 'RateLimitList' })
export const removedLimit = z
  .object({ id: z.string(), removed: z.literal(true) })
  .meta({ id: 'RemovedRateLimit' })

const bodyBytesMax = 65_536

export function createLimitAdmin({ rateRules }: Pick<DoorPorts, 'rateRules'>) {
  const readRule = async ({ request, response }: Exchange): Promise<LimitRule> => {
    const { value } = await readRequestJson(request, response, bodyBytesMax)
    return ruleIn(parseWith(limitRequest, value))
  }
  return {
    list: async (exchange: Exchange): Promise<void> => {
      sendJson(exchange, { data: (await rateRules.list(exchange.caller)).map(written) })
    },
    create: async (exchange: Exchange): Promise<void> => {
      const line = await rateRules.set(exchange.caller, await readRule(exchange), undefined)
      if (line) sendJson(exchange, written(line), 201)
    },
    replace: async (exchange: Exchange): Promise<void> => {
      const ruleId = exchange.params['id'] ?? ''
      const line = await rateRules.set(exchange.caller, await readRule(exchange), ruleId)
      if (!line) throw noSuchLimit(ruleId)
      sendJson(exchange, written(line))
    },
    remove: async (exchange: Exchange): Promise<void> => {
      const ruleId = exchange.params['id'] ?? ''
      if (!(await rateRules.remove(exchange.caller, ruleId))) throw noSuchLimit(ruleId)
      sendJson(exchange, { id: ruleId, removed: true })
    },
  }
}

/** Throws `invalid_value` for a tenant where the level has none, and for a rule that limits nothing. */
function ruleIn(stated: z.output<typeof limitRequest>): LimitRule {
  const { level, subject, tenant_id: tenantId, window, requests, tokens, concurrent_requests } = stated
  if (tenantId !== undefined && (level === 'tenant' || isAboutTarget(level))) {
    const detail = `tenant_id has no meaning for the level ${level}.`
    throw new Problem('invalid_value', { param: 'tenant_id', detail })
  }
  if ((requests ?? tokens ?? concurrent_requests) === undefined) {
    throw new Problem('missing_field', {
      param: 'requests',
      detail: 'The limit states none of requests, tokens and concurrent_requests.',
    })
  }
  const amounts = { requests, tokens, concurrentRequests: concurrent_requests }
  return { level, id: subject, tenantId, window, amounts }
}

const noSuchLimit = (ruleId: string) =>
  new Problem('not_found', {
    detail: `There is no limit ${ruleId.slice(0, 128)}.`,
    mend: 'GET /admin/v1/limits lists the limits; those of the configuration are changed in its file.',
  })

const written = (line: RateRuleLine): z.output<typeof limitLine> => ({
  id: line.ruleId ?? null,
  level: line.level,
  subject: line.id ?? null,
  tenant_id: line.tenantId ?? null,
  window: line.window,
  requests: line.amounts.requests ?? null,
  tokens: line.amounts.tokens ?? null,
  concurrent_requests: line.amounts.concurrentRequests ?? null,
  set_at: line.setAtMs === undefined ? null : Math.floor(line.setAtMs / 1_000),
})
