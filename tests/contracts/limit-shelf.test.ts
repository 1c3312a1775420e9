/** The contract of the budget limits, over every store that keeps them in this process. */
import { createMemoryLimitShelf } from '#stores/memory/limit-shelf.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLimitShelf } from '#stores/sqlite/limit-shelf.ts'
import { limitShelfContract } from './limit-shelf-contract.ts'

limitShelfContract('memory', () => ({ shelf: createMemoryLimitShelf(), close: () => undefined }))
limitShelfContract('sqlite', () => {
  const database = openDatabase({ file: ':memory:' })
  return { shelf: createSqliteLimitShelf(database), close: () => database.close() }
})
