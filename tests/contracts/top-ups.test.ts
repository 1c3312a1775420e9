/** The contract of top-ups over the embedded database. */
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLimitShelf } from '#stores/sqlite/limit-shelf.ts'
import { createSqliteTopUpBook } from '#stores/sqlite/top-up-book.ts'
import { topUpContract } from './top-up-contract.ts'

topUpContract('sqlite', () => {
  const database = openDatabase({ file: ':memory:' })
  return {
    book: createSqliteTopUpBook(database),
    shelf: createSqliteLimitShelf(database),
    close: () => database.close(),
  }
})
