/** The directory of keys in PostgreSQL: a key made at one instance opens every other. */
import { Problem } from '#core/domain/problem.ts'
import type { Directory } from '#services/access-control/directory.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { keyColumns, keyRecordOf, keyRecordText } from '#stores/sql/key-row.ts'

/** Each function throws `store_unavailable` when the database cannot be reached. */
export function createPostgresDirectory(database: SharedDatabase): Directory {
  const findKey = async (keyId: string) => {
    const [row] = await database.write(`SELECT ${keyColumns} FROM access_keys WHERE key_id = $1`, [keyId])
    return row && keyRecordOf(row)
  }
  return {
    async addKey(record) {
      const { keyId, digest, tenantId, createdAtMs, revokedAtMs } = record
      const added = await database.write(
        `INSERT INTO access_keys (key_id, digest, tenant_id, created_at_ms, revoked_at_ms, record)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING key_id`,
        [keyId, digest, tenantId, createdAtMs, revokedAtMs ?? null, keyRecordText(record)],
      )
      if (added.length === 0) throw new Problem('already_exists', { detail: 'This key id is taken.' })
    },
    findKey,
    async revokeKey(keyId, atMs) {
      await database.write(
        'UPDATE access_keys SET revoked_at_ms = $1 WHERE key_id = $2 AND revoked_at_ms IS NULL',
        [atMs, keyId],
      )
      return findKey(keyId)
    },
    async listKeys({ tenantId, after, limit }) {
      const rows = await database.write(
        `SELECT ${keyColumns} FROM access_keys WHERE ($1::text IS NULL OR tenant_id = $1) AND key_id > $2
         ORDER BY key_id LIMIT $3`,
        [tenantId ?? null, after ?? '', limit],
      )
      return rows.map(keyRecordOf)
    },
  }
}
