/** Top-ups of prepaid balances in PostgreSQL: paid in at one instance, spent at every other within the second. */
import type { TopUpBook } from '#services/budget-manager/top-up-book.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { limitStatements } from '#stores/sql/limit-row.ts'
import { accountOf, ownerValues, topUpOf, topUpStatements, topUpValues } from '#stores/sql/top-up-row.ts'
import type { ReadRow } from '#stores/sql/usage-columns.ts'

const statements = topUpStatements((position) => `$${position}`)
const { noteChange } = limitStatements((position) => `$${position}`)

/** Each function throws `store_unavailable` when the database cannot be reached. */
export function createPostgresTopUpBook(database: SharedDatabase): TopUpBook {
  return {
    add: (topUp) =>
      database.transaction(async (client) => {
        const { rowCount } = await client.query(statements.add, topUpValues(topUp))
        const isNew = (rowCount ?? 0) > 0
        if (isNew) await client.query(noteChange)
        const { rows } = await client.query<ReadRow>(statements.find, [topUp.topUpId])
        return { topUp: rows[0] ? topUpOf(rows[0]) : topUp, isNew }
      }),
    list: async (owner, limit) =>
      (await database.write(statements.list, [...ownerValues(owner), limit])).map(topUpOf),
    accounts: async () => (await database.write(statements.accounts, [])).map(accountOf),
  }
}
