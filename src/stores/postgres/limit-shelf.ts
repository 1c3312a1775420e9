/** Budget limits in PostgreSQL. */
import type { LimitShelf } from '#services/budget-manager/limit-shelf.ts'
import { openPostgresTable } from '#stores/postgres/counted-table.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { limitTable } from '#stores/sql/limit-row.ts'

export const createPostgresLimitShelf = (database: SharedDatabase): LimitShelf =>
  openPostgresTable(database, limitTable)
