/** The alert book in PostgreSQL: what one instance tells, no other tells again. */
import type { AlertBook } from '#services/alerts/alert-book.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import {
  alertStatements,
  claimed,
  claimValues,
  deliveryOf,
  deliveryValues,
  takeValues,
  waitingOf,
} from '#stores/sql/alert-rows.ts'
import type { ReadRow } from '#stores/sql/usage-columns.ts'

const statements = alertStatements((position) => `$${position}`, ' FOR UPDATE SKIP LOCKED')

/** Each function throws `store_unavailable` when the database cannot be reached. */
export function createPostgresAlertBook(database: SharedDatabase): AlertBook {
  return {
    claim: (wish) =>
      database.transaction(async (client) => {
        const { rows } = await client.query<ReadRow>(statements.claim, claimValues(wish))
        const { answer, told } = claimed(wish, rows[0])
        for (const destination of told) {
          await client.query(statements.addDelivery, deliveryValues(wish, destination))
        }
        return answer
      }),
    async take(terms) {
      const [row] = await database.write(statements.take, takeValues(terms))
      return row && deliveryOf(row)
    },
    async finish(alertId, destination) {
      await database.write(statements.finish, [alertId, destination])
    },
    async postpone({ alertId, destination }, dueAtMs, failure) {
      if (failure === undefined) await database.write(statements.postpone, [dueAtMs, alertId, destination])
      else await database.write(statements.fail, [dueAtMs, failure, alertId, destination])
    },
    waiting: async (nowMs) => (await database.write(statements.waiting, [nowMs, nowMs])).map(waitingOf),
    async prune(nowMs) {
      await database.write(statements.pruneClaims, [nowMs])
      return (await database.write(statements.pruneDeliveries, [nowMs])).length
    },
  }
}
