/** A table whose changes are counted, in the embedded database. */
import type { CountedShelf, CountedTable } from '#stores/sql/counted-table.ts'
import { unavailable } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

/** `title` names its rows to the operator. Each function throws `store_unavailable` when the file cannot be read or written. */
export function openSqliteTable<Item>(
  database: EmbeddedDatabase,
  table: CountedTable<Item>,
  title: string,
): CountedShelf<Item> {
  const { connection, file } = database
  const statements = table.statements(() => '?')
  const list = connection.prepare(statements.list)
  const put = connection.prepare(statements.put)
  const remove = connection.prepare(statements.remove)
  const version = connection.prepare(statements.version)
  const noteChange = connection.prepare(statements.noteChange)
  const reading = <T>(work: () => T): T => {
    try {
      return work()
    } catch (thrown) {
      throw unavailable(`The ${title} in ${file} cannot be read`, thrown)
    }
  }
  return {
    list: () => reading(() => list.all().map(table.itemOf)),
    put(item) {
      database.transaction(() => {
        put.run(...table.valuesOf(item))
        noteChange.run()
      })
    },
    remove: (id) =>
      database.transaction(() => {
        const wasThere = remove.all(id).length > 0
        if (wasThere) noteChange.run()
        return wasThere
      }),
    version: () => reading(() => Number(version.get()?.['changes'] ?? 0)),
  }
}
