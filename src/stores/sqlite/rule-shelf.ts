/** Rules about requests and tokens in the embedded database. */
import type { RuleShelf } from '#services/rate-limiter/rule-shelf.ts'
import { ruleOf, ruleStatements, ruleValues } from '#stores/sql/rule-row.ts'
import { unavailable } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

/** Each function throws `store_unavailable` when the file cannot be read or written. */
export function createSqliteRuleShelf(database: EmbeddedDatabase): RuleShelf {
  const { connection, file } = database
  const statements = ruleStatements(() => '?')
  const list = connection.prepare(statements.list)
  const put = connection.prepare(statements.put)
  const remove = connection.prepare(statements.remove)
  const version = connection.prepare(statements.version)
  const noteChange = connection.prepare(statements.noteChange)
  const reading = <T>(work: () => T): T => {
    try {
      return work()
    } catch (thrown) {
      throw unavailable(`The rate limits in ${file} cannot be read`, thrown)
    }
  }
  return {
    list: () => reading(() => list.all().map(ruleOf)),
    put(rule) {
      database.transaction(() => {
        put.run(...ruleValues(rule))
        noteChange.run()
      })
    },
    remove: (ruleId) =>
      database.transaction(() => {
        const wasThere = remove.all(ruleId).length > 0
        if (wasThere) noteChange.run()
        return wasThere
      }),
    version: () => reading(() => Number(version.get()?.['changes'] ?? 0)),
  }
}
