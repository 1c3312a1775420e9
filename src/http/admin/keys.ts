/** /admin/v1/keys: gateway keys, made once, listed without their secrets, ended for good. */
import { z } from 'zod'
import { priorities } from '#core/domain/priority.ts'
import { Problem } from '#core/domain/problem.ts'
import { readRequestJson } from '#http/body-reader.ts'
import { sendJson } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'
import type { DoorPorts, KeySummary, NewKey } from '#http/ports.ts'
import { parseWith } from '#http/schema-problem.ts'

const limit = z.int().min(1).optional()
const name = z.string().min(1).max(128)

export const newKeyRequest = z
  .strictObject({
    name: name.describe('What people call it.'),
    tenant_id: name.optional().describe('Left out: your own tenant.'),
    permissions: z
      .array(z.enum(['inference', 'analytics', 'metrics', 'admin']))
      .min(1)
      .default(['inference'])
      .describe('Never more than your own.'),
    user_id: name.optional().describe('The key belongs to this user; its requests cannot name another.'),
    team_id: name.optional(),
    project_id: name.optional(),
    allowed_models: z
      .array(z.string().min(1).max(256))
      .max(100)
      .optional()
      .describe('Patterns such as `gpt-*`.'),
    expires_at: z
      .union([z.int().min(1), z.iso.datetime({ offset: true })])
      .optional()
      .describe('Seconds since 1970, or an ISO 8601 time with its offset.'),
    limits: z
      .strictObject({
        requests_per_minute: limit,
        tokens_per_minute: limit,
        concurrent_requests: limit,
        priority_max: z
          .enum(priorities)
          .optional()
          .describe('The most urgent priority that the key may ask for; left out, as configured for keys.'),
      })
      .optional(),
  })
  .meta({ id: 'NewKey' })

export const keySummary = z
  .object({
    id: z.string(),
    name: z.string(),
    tenant_id: z.string(),
    permissions: z.array(z.string()),
    user_id: z.string().nullable(),
    team_id: z.string().nullable(),
    project_id: z.string().nullable(),
    allowed_models: z.array(z.string()).nullable(),
    created_at: z.int().describe('Seconds since 1970.'),
    expires_at: z.int().nullable(),
    revoked_at: z.int().nullable(),
  })
  .meta({ id: 'Key' })

export const createdKey = keySummary
  .extend({ secret: z.string().describe('The key itself. It is shown this once.') })
  .meta({ id: 'CreatedKey' })

export const keyList = z.object({ data: z.array(keySummary) }).meta({ id: 'KeyList' })

const bodyBytesMax = 65_536

export function createKeyAdmin({ keys, clock }: Pick<DoorPorts, 'keys' | 'clock'>) {
  return {
    create: async (exchange: Exchange): Promise<void> => {
      const { value } = await readRequestJson(exchange.request, exchange.response, bodyBytesMax)
      const wish = newKeyOf(parseWith(newKeyRequest, value))
      if (wish.expiresAtMs !== undefined && wish.expiresAtMs <= clock.nowMs()) {
        throw new Problem('invalid_value', { param: 'expires_at', detail: 'expires_at has passed already.' })
      }
      const created = await keys.create(exchange.caller, wish)
      sendJson(exchange, { ...summaryOf(created.summary), secret: created.secret }, 201)
    },
    list: async (exchange: Exchange): Promise<void> => {
      const found = await keys.list(exchange.caller)
      sendJson(exchange, { data: found.map(summaryOf) })
    },
    /** Throws `not_found` also for a key of another tenant, which is not told apart. */
    revoke: async (exchange: Exchange): Promise<void> => {
      const revoked = await keys.revoke(exchange.caller, exchange.params['id'] ?? '')
      if (!revoked) {
        throw new Problem('not_found', {
          param: 'id',
          detail: 'There is no key with this id.',
          mend: 'See GET /admin/v1/keys.',
        })
      }
      sendJson(exchange, summaryOf(revoked))
    },
  }
}

function newKeyOf(request: z.output<typeof newKeyRequest>): NewKey {
  const expires = request.expires_at
  return {
    name: request.name,
    tenantId: request.tenant_id,
    permissions: request.permissions,
    userId: request.user_id,
    teamId: request.team_id,
    projectId: request.project_id,
    allowedModels: request.allowed_models,
    expiresAtMs: typeof expires === 'string' ? Date.parse(expires) : expires && expires * 1_000,
    limits: request.limits && {
      requestsPerMinute: request.limits.requests_per_minute,
      tokensPerMinute: request.limits.tokens_per_minute,
      concurrentRequests: request.limits.concurrent_requests,
      priorityMax: request.limits.priority_max,
    },
  }
}

function summaryOf(key: KeySummary): z.output<typeof keySummary> {
  return {
    id: key.id,
    name: key.name,
    tenant_id: key.tenantId,
    permissions: [...key.permissions],
    user_id: key.userId ?? null,
    team_id: key.teamId ?? null,
    project_id: key.projectId ?? null,
    allowed_models: key.allowedModels ? [...key.allowedModels] : null,
    created_at: Math.floor(key.createdAtMs / 1_000),
    expires_at: key.expiresAtMs === undefined ? null : Math.floor(key.expiresAtMs / 1_000),
    revoked_at: key.revokedAtMs === undefined ? null : Math.floor(key.revokedAtMs / 1_000),
  }
}
