/** The shelf of responses in Redis: one for all instances, each step one round trip; times go by the server's clock. */
import type { ResponseShelf } from '#services/response-store/response-shelf.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { nameOfItemScript, putScript, removeScript } from '#stores/redis/response-scripts.ts'
import { createScript } from '#stores/redis/script.ts'

export interface RedisResponseShelfSettings {
  /** Stands before every key, so that several gateways can share a server. */
  readonly keyPrefix: string
}

export function createRedisResponseShelf(
  connection: RedisConnection,
  { keyPrefix }: RedisResponseShelfSettings,
): ResponseShelf {
  const runPut = createScript(connection, putScript)
  const runNameOfItem = createScript(connection, nameOfItemScript)
  const runRemove = createScript(connection, removeScript)
  const tagOf = (tenant: string) => `{${keyPrefix}:responses:${tenant}}`
  const responseAt = (tenant: string, name: string) => `${tagOf(tenant)}:response:${name}`

  return {
    async put({ tenant, name, sealed, items, keepMs, responsesMax }) {
      const args = [tagOf(tenant), name, sealed, items.join(' '), keepMs, responsesMax]
      await runPut({ keys: [responseAt(tenant, name)], args })
    },
    async get({ tenant, name }) {
      const sealed = await connection.call('HGET', responseAt(tenant, name), 's')
      return typeof sealed === 'string' ? sealed : undefined
    },
    async nameOfItem(tenant, item) {
      const tag = tagOf(tenant)
      const name = await runNameOfItem({ keys: [`${tag}:item:${item}`], args: [tag] })
      return typeof name === 'string' ? name : undefined
    },
    async remove({ tenant, name }) {
      return (await runRemove({ keys: [responseAt(tenant, name)], args: [tagOf(tenant), name] })) === 1
    },
    // Redis drops what has expired.
    prune: () => undefined,
  }
}
