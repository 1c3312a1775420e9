/** Budget limits in the embedded database. */
import type { LimitShelf } from '#services/budget-manager/limit-shelf.ts'
import { limitOf, limitStatements, limitValues } from '#stores/sql/limit-row.ts'
import { unavailable } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

/** Each function throws `store_unavailable` when the file cannot be read or written. */
export function createSqliteLimitShelf(database: EmbeddedDatabase): LimitShelf {
  const { connection, file } = database
  const statements = limitStatements(() => '?')
  const list = connection.prepare(statements.list)
  const put = connection.prepare(statements.put)
  const remove = connection.prepare(statements.remove)
  const version = connection.prepare(statements.version)
  const noteChange = connection.prepare(statements.noteChange)
  const reading = <T>(work: () => T): T => {
    try {
      return work()
    } catch (thrown) {
      throw unavailable(`The budget limits in ${file} cannot be read`, thrown)
    }
  }
  return {
    list: () => reading(() => list.all().map(limitOf)),
    put(limit) {
      database.transaction(() => {
        put.run(...limitValues(limit))
        noteChange.run()
      })
    },
    remove: (limitId) =>
      database.transaction(() => {
        const wasThere = remove.all(limitId).length > 0
        if (wasThere) noteChange.run()
        return wasThere
      }),
    version: () => reading(() => Number(version.get()?.['changes'] ?? 0)),
  }
}
