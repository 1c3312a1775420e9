/** The contract of the rate limits that are set while running, over the embedded database. */
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteRuleShelf } from '#stores/sqlite/rule-shelf.ts'
import { ruleShelfContract } from './rule-shelf-contract.ts'

ruleShelfContract('sqlite', () => {
  const database = openDatabase({ file: ':memory:' })
  return { shelf: createSqliteRuleShelf(database), close: () => database.close() }
})
