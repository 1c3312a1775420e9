/** Rules about requests and tokens in PostgreSQL. */
import type { RuleShelf } from '#services/rate-limiter/rule-shelf.ts'
import { openPostgresTable } from '#stores/postgres/counted-table.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { ruleTable } from '#stores/sql/rule-row.ts'

export const createPostgresRuleShelf = (database: SharedDatabase): RuleShelf =>
  openPostgresTable(database, ruleTable)
