/** Rules about requests and tokens in PostgreSQL: set at one instance, in force at every other within the second. */
import type { RuleShelf } from '#services/rate-limiter/rule-shelf.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { ruleOf, ruleStatements, ruleValues } from '#stores/sql/rule-row.ts'

const statements = ruleStatements((position) => `$${position}`)

/** Each function throws `store_unavailable` when the database cannot be reached. */
export function createPostgresRuleShelf(database: SharedDatabase): RuleShelf {
  return {
    list: async () => (await database.write(statements.list, [])).map(ruleOf),
    put: (rule) =>
      database.transaction(async (client) => {
        await client.query(statements.put, ruleValues(rule))
        await client.query(statements.noteChange)
      }),
    remove: (ruleId) =>
      database.transaction(async (client) => {
        const { rowCount } = await client.query(statements.remove, [ruleId])
        const wasThere = (rowCount ?? 0) > 0
        if (wasThere) await client.query(statements.noteChange)
        return wasThere
      }),
    async version() {
      const [row] = await database.write(statements.version, [])
      return Number(row?.['changes'] ?? 0)
    },
  }
}
