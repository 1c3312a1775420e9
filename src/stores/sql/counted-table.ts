/** A table of few rows that every instance keeps in memory: its changes are counted, so that each notices them. */
import type { Soon } from '#core/domain/soon.ts'
import type { ColumnValue, ReadRow } from '#stores/sql/usage-columns.ts'
import type { Placeholder } from '#stores/sql/usage-queries.ts'

export interface CountedTable<Item> {
  readonly statements: (placeholder: Placeholder) => CountedStatements
  readonly valuesOf: (item: Item) => ColumnValue[]
  readonly itemOf: (row: ReadRow) => Item
}

/** What a store makes of such a table, whichever room's shelf it is. */
export interface CountedShelf<Item> {
  list(): Soon<readonly Item[]>
  put(item: Item): Soon<void>
  remove(id: string): Soon<boolean>
  version(): Soon<number>
}

export interface CountedStatements {
  readonly list: string
  readonly put: string
  readonly remove: string
  readonly version: string
  readonly noteChange: string
}

export interface CountedColumns {
  readonly table: string
  /** The table of one row that counts the changes. */
  readonly changes: string
  /** The first is the key. */
  readonly columns: readonly [key: string, ...others: string[]]
}

/** Statements that both databases understand. */
export function countedStatements(
  { table, changes, columns }: CountedColumns,
  placeholder: Placeholder,
): CountedStatements {
  const [key, ...others] = columns
  const names = columns.join(', ')
  const values = columns.map((_, position) => placeholder(position + 1)).join(', ')
  const replaced = others.map((column) => `${column} = excluded.${column}`).join(', ')
  return {
    list: `SELECT ${names} FROM ${table} ORDER BY ${key}`,
    put: `INSERT INTO ${table} (${names}) VALUES (${values}) ON CONFLICT (${key}) DO UPDATE SET ${replaced}`,
    remove: `DELETE FROM ${table} WHERE ${key} = ${placeholder(1)} RETURNING ${key}`,
    version: `SELECT changes FROM ${changes}`,
    noteChange: `UPDATE ${changes} SET changes = changes + 1`,
  }
}
