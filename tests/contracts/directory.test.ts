/** The contract of the directory of keys, over every store that keeps one. */
import { createMemoryDirectory } from '#stores/memory/directory.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteDirectory } from '#stores/sqlite/directory.ts'
import { directoryContract } from './directory-contract.ts'

directoryContract('memory', () => ({ directory: createMemoryDirectory(), close: () => undefined }))

directoryContract('sqlite', () => {
  const database = openDatabase({ file: ':memory:' })
  return { directory: createSqliteDirectory(database), close: () => database.close() }
})
