/** Budget limits in PostgreSQL: set at one instance, in force at every other within the second. */
import type { LimitShelf } from '#services/budget-manager/limit-shelf.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { limitOf, limitStatements, limitValues } from '#stores/sql/limit-row.ts'

const statements = limitStatements((position) => `$${position}`)

/** Each function throws `store_unavailable` when the database cannot be reached. */
export function createPostgresLimitShelf(database: SharedDatabase): LimitShelf {
  return {
    list: async () => (await database.write(statements.list, [])).map(limitOf),
    put: (limit) =>
      database.transaction(async (client) => {
        await client.query(statements.put, limitValues(limit))
        await client.query(statements.noteChange)
      }),
    remove: (limitId) =>
      database.transaction(async (client) => {
        const { rowCount } = await client.query(statements.remove, [limitId])
        const wasThere = (rowCount ?? 0) > 0
        if (wasThere) await client.query(statements.noteChange)
        return wasThere
      }),
    async version() {
      const [row] = await database.write(statements.version, [])
      return Number(row?.['changes'] ?? 0)
    },
  }
}
