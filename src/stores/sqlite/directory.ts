/** The directory of keys in the embedded database. */
import { keyPermissions } from '#core/domain/caller.ts'
import { asArray, asNumber, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Directory, KeyRecord } from '#services/access-control/directory.ts'
import { unavailable } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

/** Each function throws `store_unavailable` when the file cannot be read or written. */
export function createSqliteDirectory(database: EmbeddedDatabase): Directory {
  const { connection, file } = database
  const insert = connection.prepare(
    `INSERT INTO access_keys (key_id, digest, tenant_id, created_at_ms, revoked_at_ms, record)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const find = connection.prepare('SELECT digest, revoked_at_ms, record FROM access_keys WHERE key_id = ?')
  const revoke = connection.prepare(
    'UPDATE access_keys SET revoked_at_ms = ? WHERE key_id = ? AND revoked_at_ms IS NULL',
  )
  const columns = 'SELECT digest, revoked_at_ms, record FROM access_keys'
  const listAll = connection.prepare(`${columns} WHERE key_id > ? ORDER BY key_id LIMIT ?`)
  const listTenant = connection.prepare(
    `${columns} WHERE tenant_id = ? AND key_id > ? ORDER BY key_id LIMIT ?`,
  )
  const findKey = (keyId: string) => {
    const row = reading(file, () => find.get(keyId))
    return row && recordOf(row)
  }

  return {
    addKey(record) {
      const { digest, revokedAtMs, ...rest } = record
      const text = JSON.stringify(rest)
      const { keyId, tenantId, createdAtMs } = record
      const { changes } = reading(file, () =>
        insert.run(keyId, digest, tenantId, createdAtMs, revokedAtMs ?? null, text),
      )
      if (changes === 0) throw new Problem('already_exists', { detail: 'This key id is taken.' })
    },
    findKey,
    revokeKey(keyId, atMs) {
      reading(file, () => revoke.run(atMs, keyId))
      return findKey(keyId)
    },
    listKeys({ tenantId, after, limit }) {
      const rows = reading(file, () =>
        tenantId === undefined
          ? listAll.all(after ?? '', limit)
          : listTenant.all(tenantId, after ?? '', limit),
      )
      return rows.map(recordOf)
    },
  }
}

function reading<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw unavailable(`The keys in ${file} cannot be reached`, thrown)
  }
}

type Row = Readonly<Record<string, unknown>>

function recordOf(row: Row): KeyRecord {
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
  }
}
