/** The alert book in the embedded database. */
import type { AlertBook } from '#services/alerts/alert-book.ts'
import {
  alertStatements,
  claimed,
  claimValues,
  deliveryOf,
  deliveryValues,
  takeValues,
  waitingOf,
} from '#stores/sql/alert-rows.ts'
import { unavailable } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

/** Each function throws `store_unavailable` when the file cannot be read or written. */
export function createSqliteAlertBook(database: EmbeddedDatabase): AlertBook {
  const { connection, file } = database
  const statements = alertStatements(() => '?', '')
  const claim = connection.prepare(statements.claim)
  const addDelivery = connection.prepare(statements.addDelivery)
  const take = connection.prepare(statements.take)
  const finish = connection.prepare(statements.finish)
  const postpone = connection.prepare(statements.postpone)
  const fail = connection.prepare(statements.fail)
  const waiting = connection.prepare(statements.waiting)
  const pruneClaims = connection.prepare(statements.pruneClaims)
  const pruneDeliveries = connection.prepare(statements.pruneDeliveries)
  const trying = <T>(work: () => T): T => {
    try {
      return work()
    } catch (thrown) {
      throw unavailable(`The alerts in ${file} cannot be read or written`, thrown)
    }
  }
  return {
    claim: (wish) =>
      database.transaction(() => {
        const { answer, told } = claimed(wish, claim.all(...claimValues(wish))[0])
        for (const destination of told) addDelivery.run(...deliveryValues(wish, destination))
        return answer
      }),
    take: (terms) =>
      trying(() => {
        const [row] = take.all(...takeValues(terms))
        return row && deliveryOf(row)
      }),
    finish: (alertId, destination) => trying(() => void finish.run(alertId, destination)),
    postpone: ({ alertId, destination }, dueAtMs, failure) =>
      trying(() => {
        if (failure === undefined) postpone.run(dueAtMs, alertId, destination)
        else fail.run(dueAtMs, failure, alertId, destination)
      }),
    waiting: (nowMs) => trying(() => waiting.all(nowMs, nowMs).map(waitingOf)),
    prune: (nowMs) =>
      database.transaction(() => {
        pruneClaims.run(nowMs)
        return pruneDeliveries.all(nowMs).length
      }),
  }
}
