/** A key as a row: its digest and its end in columns of their own, everything else as JSON. */
import { keyPermissions } from '#core/domain/caller.ts'
import { asArray, asNumber, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { priorities } from '#core/domain/priority.ts'
import type { Priority } from '#core/domain/priority.ts'
import type { KeyRecord } from '#services/access-control/directory.ts'
import type { ReadRow } from '#stores/sql/usage-columns.ts'

/** The columns in which a key is kept: what is looked for by itself, and all the rest as JSON. */
export const keyColumns = 'digest, revoked_at_ms, record'

/** What of a key is kept as JSON: neither its digest nor its end. */
export function keyRecordText({ digest: _digest, revokedAtMs: _revokedAtMs, ...rest }: KeyRecord): string {
  return JSON.stringify(rest)
}

/** A key as it was kept in `keyColumns`. */
export function keyRecordOf(row: ReadRow): KeyRecord {
  const kept = asObject(parseJson(asString(row['record']) ?? '')) ?? {}
  const models = kept['allowedModels']
  return {
    keyId: asString(kept['keyId']) ?? '',
    digest: asString(row['digest']) ?? '',
    name: asString(kept['name']) ?? '',
    tenantId: asString(kept['tenantId']) ?? '',
    userId: asString(kept['userId']),
    teamId: asString(kept['teamId']),
    projectId: asString(kept['projectId']),
    role: roleOf(kept),
    permissions: asArray(kept['permissions']).filter(isPermission),
    allowedModels:
      models === undefined ? undefined : asArray(models).filter((model) => typeof model === 'string'),
    limits: limitsOf(asObject(kept['limits'])),
    createdAtMs: asNumber(kept['createdAtMs']) ?? 0,
    createdBy: asString(kept['createdBy']) ?? '',
    expiresAtMs: asNumber(kept['expiresAtMs']),
    revokedAtMs: asNumber(row['revoked_at_ms']),
  }
}

/** Anything unreadable is the least right, never the most. */
function roleOf(kept: JsonObject): KeyRecord['role'] {
  const role = kept['role']
  return role === 'operator' || role === 'tenant_admin' ? role : 'user'
}

const permissionNames: ReadonlySet<unknown> = new Set(['public', ...keyPermissions])

function isPermission(value: unknown): value is KeyRecord['permissions'][number] {
  return permissionNames.has(value)
}

function limitsOf(kept: JsonObject | undefined): KeyRecord['limits'] {
  if (!kept) return undefined
  return {
    requestsPerMinute: asNumber(kept['requestsPerMinute']),
    tokensPerMinute: asNumber(kept['tokensPerMinute']),
    concurrentRequests: asNumber(kept['concurrentRequests']),
    ...priorityOf(kept['priorityMax']),
  }
}

/** What cannot be read is the least urgent. */
function priorityOf(value: unknown): { readonly priorityMax?: Priority } {
  if (value === undefined) return {}
  return { priorityMax: priorities.find((priority) => priority === value) ?? 'batch' }
}
