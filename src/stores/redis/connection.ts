/** The connection to Redis or Valkey: one server, Sentinel or Cluster, with every wait bounded and nothing queued in secret. */
import type { Cluster, Redis } from 'ioredis'
import type * as ioredis from 'ioredis'
import { Problem } from '#core/domain/problem.ts'
import { readRedisUrl } from '#stores/redis/redis-url.ts'
import type { RedisPlace } from '#stores/redis/redis-url.ts'

export interface RedisSettings {
  /** `redis://`, `rediss://`, `redis+sentinel://` or `redis+cluster://`; see `readRedisUrl`. */
  readonly url: string
  /** How long one step may take before it counts as failed. */
  readonly commandTimeoutMs: number
  readonly connectTimeoutMs: number
}

export type RedisArgument = string | number

export interface RedisConnection {
  /** Sends one command. Throws `store_unavailable` when it was not surely done. */
  call(command: string, ...args: readonly RedisArgument[]): Promise<unknown>
  /** Whether commands can be sent at this moment. */
  isReady(): boolean
  close(): Promise<void>
}

const reconnectMostMs = 1_000
/** A server that only reads is one that a failover has just replaced: the next connection finds its successor. */
const isReadOnly = (error: Error) => error.message.startsWith('READONLY')

/** Connects and checks that the server keeps what it is given. Throws `config_invalid`, `store_unavailable`. */
export async function openRedis(
  settings: RedisSettings,
  report: (failure: unknown, place: string) => void,
): Promise<RedisConnection> {
  const place = readRedisUrl(settings.url)
  // Loaded here, so that a gateway that shares nothing starts without it.
  const client = clientFor(await import('ioredis'), place, settings)
  let isReported = false
  client.on('error', (failure: unknown) => {
    // Once for each outage: the client tries again by itself.
    if (!isReported) report(failure, 'the connection to Redis')
    isReported = true
  })
  client.on('ready', () => {
    isReported = false
  })
  const connection = connectionOf(client)
  try {
    await client.connect()
    await refuseEviction(client)
  } catch (thrown) {
    client.disconnect()
    throw thrown instanceof Problem ? thrown : unreachable(thrown)
  }
  return connection
}

function clientFor(
  { Cluster, Redis }: Pick<typeof ioredis, 'Cluster' | 'Redis'>,
  place: RedisPlace,
  { commandTimeoutMs, connectTimeoutMs }: RedisSettings,
): Redis | Cluster {
  const common = {
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    lazyConnect: true,
    username: place.username,
    password: place.password,
    ...(place.isEncrypted ? { tls: {} } : {}),
  }
  const retryStrategy = (times: number) => Math.min(reconnectMostMs, 50 * times)
  switch (place.kind) {
    case 'single':
      return new Redis({
        ...common,
        host: place.nodes[0].host,
        port: place.nodes[0].port,
        db: place.database,
        retryStrategy,
        reconnectOnError: isReadOnly,
      })
    case 'sentinel':
      return new Redis({
        ...common,
        sentinels: [...place.nodes],
        name: place.primaryName,
        db: place.database,
        sentinelRetryStrategy: retryStrategy,
        retryStrategy,
        reconnectOnError: isReadOnly,
      })
    case 'cluster':
      return new Cluster([...place.nodes], {
        lazyConnect: true,
        enableOfflineQueue: false,
        clusterRetryStrategy: retryStrategy,
        redisOptions: common,
      })
  }
}

function connectionOf(client: Redis | Cluster): RedisConnection {
  return {
    async call(command, ...args) {
      try {
        return await client.call(command, ...args)
      } catch (thrown) {
        if (isNoScript(thrown)) throw thrown
        throw unavailable(thrown)
      }
    },
    isReady: () => client.status === 'ready',
    async close() {
      try {
        await client.quit()
      } catch {
        client.disconnect()
      }
    },
  }
}

/** The server does not know a script by its digest: it must be sent once in full. */
export const isNoScript = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.message.startsWith('NOSCRIPT')

/** A server that may drop keys when memory is short would forget money that is held. */
async function refuseEviction(client: Redis | Cluster): Promise<void> {
  const nodes = 'nodes' in client ? client.nodes('master') : [client]
  for (const node of nodes) {
    const memory = await node.info('memory')
    const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1]
    if (policy === undefined || policy === 'noeviction') continue
    throw new Problem('config_invalid', {
      detail: `Redis drops keys when its memory is full (maxmemory-policy ${policy}), and money would be forgotten.`,
      mend: 'Set maxmemory-policy to noeviction, or give money a Redis of its own.',
      param: 'REDIS_URL',
    })
  }
}

function unreachable(cause: unknown): Problem {
  const { message } = unavailable(cause)
  return new Problem('store_unavailable', {
    detail: message,
    mend: 'Start the server that REDIS_URL or storage.redis.url names, or correct the address.',
    cause,
  })
}

export function unavailable(cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Problem('store_unavailable', { detail: `Redis did not answer: ${reason}`, cause })
}
