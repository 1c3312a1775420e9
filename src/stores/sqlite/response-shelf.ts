/** The shelf of responses in the embedded database. */
import type { ResponseShelf } from '#services/response-store/response-shelf.ts'
import { responseStatements } from '#stores/sql/response-rows.ts'
import { unavailable } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

/** Each function throws `store_unavailable` when the file cannot be read or written. */
export function createSqliteResponseShelf(database: EmbeddedDatabase): ResponseShelf {
  const { connection, file } = database
  const statements = responseStatements(() => '?')
  const put = connection.prepare(statements.put)
  const forgetItems = connection.prepare(statements.forgetItems)
  const addItem = connection.prepare(statements.addItem)
  const dropBeyond = connection.prepare(statements.dropBeyond)
  const get = connection.prepare(statements.get)
  const nameOfItem = connection.prepare(statements.nameOfItem)
  const remove = connection.prepare(statements.remove)
  const prune = connection.prepare(statements.prune)
  const textOf = (read: () => Readonly<Record<string, unknown>> | undefined, column: string) => {
    try {
      const text = read()?.[column]
      return typeof text === 'string' ? text : undefined
    } catch (thrown) {
      throw unavailable(`The kept responses in ${file} cannot be read`, thrown)
    }
  }
  return {
    put: ({ tenant, name, sealed, items, nowMs, keepMs, responsesMax }) =>
      database.transaction(() => {
        put.run(tenant, name, sealed, nowMs + keepMs)
        forgetItems.run(tenant, name)
        for (const item of items) addItem.run(tenant, item, name)
        dropBeyond.run(tenant, tenant, responsesMax)
      }),
    get: ({ tenant, name }, nowMs) => textOf(() => get.get(tenant, name, nowMs), 'sealed'),
    nameOfItem: (tenant, item, nowMs) => textOf(() => nameOfItem.get(tenant, item, nowMs), 'name'),
    remove: ({ tenant, name }, nowMs) =>
      database.transaction(() => remove.all(tenant, name, nowMs).length > 0),
    prune: (nowMs) => database.transaction(() => void prune.run(nowMs)),
  }
}
