/** The directory of keys in the embedded database. */
import { Problem } from '#core/domain/problem.ts'
import type { Directory } from '#services/access-control/directory.ts'
import { keyColumns, keyRecordOf, keyRecordText } from '#stores/sql/key-row.ts'
import { unavailable } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

/** Each function throws `store_unavailable` when the file cannot be read or written. */
export function createSqliteDirectory(database: EmbeddedDatabase): Directory {
  const { connection, file } = database
  const insert = connection.prepare(
    `INSERT INTO access_keys (key_id, digest, tenant_id, created_at_ms, revoked_at_ms, record)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const find = connection.prepare(`SELECT ${keyColumns} FROM access_keys WHERE key_id = ?`)
  const revoke = connection.prepare(
    'UPDATE access_keys SET revoked_at_ms = ? WHERE key_id = ? AND revoked_at_ms IS NULL',
  )
  const columns = `SELECT ${keyColumns} FROM access_keys`
  const listAll = connection.prepare(`${columns} WHERE key_id > ? ORDER BY key_id LIMIT ?`)
  const listTenant = connection.prepare(
    `${columns} WHERE tenant_id = ? AND key_id > ? ORDER BY key_id LIMIT ?`,
  )
  const findKey = (keyId: string) => {
    const row = reading(file, () => find.get(keyId))
    return row && keyRecordOf(row)
  }

  return {
    addKey(record) {
      const { keyId, digest, tenantId, createdAtMs, revokedAtMs } = record
      const text = keyRecordText(record)
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
      return rows.map(keyRecordOf)
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
