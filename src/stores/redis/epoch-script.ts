/**
 * A step's script that only the server of one epoch knows. Servers keep scripts in memory alone, neither on disk nor at
 * their replicas: one that has started anew or taken over does not know it, and so can grant nothing that its memory
 * may contradict. (Redis from 7.0 on, and Valkey; older ones hand scripts to replicas, and rest on the look at each
 * connection.)
 */
import { hash } from 'node:crypto'
import type { Epoch } from '#services/budget-manager/shared-ledger/shelf.ts'
import { isNoScript } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { openName } from '#stores/redis/epoch-name.ts'
import { armWords } from '#stores/redis/epoch-scripts.ts'
import type { ScriptCall } from '#stores/redis/script.ts'

export interface EpochScript {
  /** Sends the script in full. False when another server answered. */
  arm(epochKey: string, epoch: Epoch): Promise<boolean>
  /** One round trip. Undefined when the epoch is another one, or the server has not been armed. Throws `store_unavailable`. */
  run(epoch: Epoch, call: ScriptCall): Promise<unknown>
}

export function createEpochScript(connection: RedisConnection, source: string): EpochScript {
  let known: { readonly epoch: string; readonly text: string; readonly digest: string } | undefined
  const textFor = (epoch: string) => {
    if (known?.epoch === epoch) return known
    const text = `-- ${epoch}\n${armWords}${source}`
    known = { epoch, text, digest: hash('sha1', text) }
    return known
  }
  return {
    async arm(epochKey, epoch) {
      const { text } = textFor(openName(epoch))
      return (await connection.call('EVAL', text, 1, epochKey, 'arm', epoch.server)) === 1
    },
    async run(epoch, { keys, args }) {
      const { digest } = textFor(openName(epoch))
      try {
        const answer = await connection.call('EVALSHA', digest, keys.length, ...keys, ...args)
        return answer ?? undefined
      } catch (thrown) {
        if (isNoScript(thrown)) return undefined
        throw thrown
      }
    },
  }
}
