/** Budget limits in the embedded database. */
import type { LimitShelf } from '#services/budget-manager/limit-shelf.ts'
import { limitTable } from '#stores/sql/limit-row.ts'
import { openSqliteTable } from '#stores/sqlite/counted-table.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

export const createSqliteLimitShelf = (database: EmbeddedDatabase): LimitShelf =>
  openSqliteTable(database, limitTable, 'budget limits')
