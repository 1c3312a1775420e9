/** The contract of the alert book, over every store that keeps it in this process. */
import { createMemoryAlertBook } from '#stores/memory/alert-book.ts'
import { createSqliteAlertBook } from '#stores/sqlite/alert-book.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { alertBookContract } from './alert-book-contract.ts'

alertBookContract('memory', () => ({ book: createMemoryAlertBook(), close: () => undefined }))
alertBookContract('sqlite', () => {
  const database = openDatabase({ file: ':memory:' })
  return { book: createSqliteAlertBook(database), close: () => database.close() }
})
