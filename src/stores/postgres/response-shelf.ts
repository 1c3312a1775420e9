/** The shelf of responses in PostgreSQL: kept at one instance, found at every other. */
import type { ResponseShelf } from '#services/response-store/response-shelf.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { responseStatements } from '#stores/sql/response-rows.ts'

const statements = responseStatements((position) => `$${position}`)
/** One statement for all items of a response. */
const addItems = `INSERT INTO stored_response_items (tenant, item, name)
  SELECT $1, item, $3 FROM unnest($2::text[]) AS item`

/** Each function throws `store_unavailable` when the database cannot be reached. */
export function createPostgresResponseShelf(database: SharedDatabase): ResponseShelf {
  const textOf = async (sql: string, values: readonly (string | number)[], column: string) => {
    const [row] = await database.write(sql, values)
    const text = row?.[column]
    return typeof text === 'string' ? text : undefined
  }
  return {
    put: ({ tenant, name, sealed, items, nowMs, keepMs, responsesMax }) =>
      database.transaction(async (client) => {
        await client.query(statements.put, [tenant, name, sealed, nowMs + keepMs])
        await client.query(statements.forgetItems, [tenant, name])
        if (items.length > 0) await client.query(addItems, [tenant, items, name])
        await client.query(statements.dropBeyond, [tenant, tenant, responsesMax])
      }),
    get: ({ tenant, name }, nowMs) => textOf(statements.get, [tenant, name, nowMs], 'sealed'),
    nameOfItem: (tenant, item, nowMs) => textOf(statements.nameOfItem, [tenant, item, nowMs], 'name'),
    remove: async ({ tenant, name }, nowMs) =>
      (await database.write(statements.remove, [tenant, name, nowMs])).length > 0,
    async prune(nowMs) {
      await database.write(statements.prune, [nowMs])
    },
  }
}
