/** A table whose changes are counted, in PostgreSQL: changed at one instance, in force at every other within the second. */
import type { SharedDatabase } from '#stores/postgres/database.ts'
import type { CountedShelf, CountedTable } from '#stores/sql/counted-table.ts'

/** Each function throws `store_unavailable` when the database cannot be reached. */
export function openPostgresTable<Item>(
  database: SharedDatabase,
  table: CountedTable<Item>,
): CountedShelf<Item> {
  const statements = table.statements((position) => `$${position}`)
  return {
    list: async () => (await database.write(statements.list, [])).map(table.itemOf),
    put: (item) =>
      database.transaction(async (client) => {
        await client.query(statements.put, table.valuesOf(item))
        await client.query(statements.noteChange)
      }),
    remove: (id) =>
      database.transaction(async (client) => {
        const { rowCount } = await client.query(statements.remove, [id])
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
