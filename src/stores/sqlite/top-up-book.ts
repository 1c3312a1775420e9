/** Top-ups of prepaid balances in the embedded database. */
import type { TopUpBook } from '#services/budget-manager/top-up-book.ts'
import { limitStatements } from '#stores/sql/limit-row.ts'
import { accountOf, ownerValues, topUpOf, topUpStatements, topUpValues } from '#stores/sql/top-up-row.ts'
import { unavailable } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

/** Each function throws `store_unavailable` when the file cannot be read or written. */
export function createSqliteTopUpBook(database: EmbeddedDatabase): TopUpBook {
  const { connection, file } = database
  const statements = topUpStatements(() => '?')
  const add = connection.prepare(statements.add)
  const find = connection.prepare(statements.find)
  const list = connection.prepare(statements.list)
  const accounts = connection.prepare(statements.accounts)
  const noteChange = connection.prepare(limitStatements(() => '?').noteChange)
  const reading = <T>(work: () => T): T => {
    try {
      return work()
    } catch (thrown) {
      throw unavailable(`The top-ups in ${file} cannot be read`, thrown)
    }
  }
  return {
    add: (topUp) =>
      database.transaction(() => {
        const isNew = add.all(...topUpValues(topUp)).length > 0
        if (isNew) noteChange.run()
        const row = find.get(topUp.topUpId)
        return { topUp: row ? topUpOf(row) : topUp, isNew }
      }),
    list: (owner, limit) => reading(() => list.all(...ownerValues(owner), limit).map(topUpOf)),
    accounts: () => reading(() => accounts.all().map(accountOf)),
  }
}
