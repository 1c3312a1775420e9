/** A Lua script on the server: sent once, then called by its digest. */
import { hash } from 'node:crypto'
import { isNoScript, unavailable } from '#stores/redis/connection.ts'
import type { RedisArgument, RedisConnection } from '#stores/redis/connection.ts'

export interface ScriptCall {
  readonly keys: readonly string[]
  readonly args: readonly RedisArgument[]
}

/** Runs the script in one round trip, two when the server has forgotten it. Throws `store_unavailable`. */
export type RunScript = (call: ScriptCall) => Promise<unknown>

export function createScript(connection: RedisConnection, source: string): RunScript {
  const digest = hash('sha1', source)
  return async ({ keys, args }) => {
    try {
      return await connection.call('EVALSHA', digest, keys.length, ...keys, ...args)
    } catch (thrown) {
      if (!isNoScript(thrown)) throw thrown
    }
    try {
      return await connection.call('EVAL', source, keys.length, ...keys, ...args)
    } catch (thrown) {
      throw isNoScript(thrown) ? unavailable(thrown) : thrown
    }
  }
}
