/** Rules about requests and tokens in the embedded database. */
import type { RuleShelf } from '#services/rate-limiter/rule-shelf.ts'
import { ruleTable } from '#stores/sql/rule-row.ts'
import { openSqliteTable } from '#stores/sqlite/counted-table.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

export const createSqliteRuleShelf = (database: EmbeddedDatabase): RuleShelf =>
  openSqliteTable(database, ruleTable, 'rate limits')
