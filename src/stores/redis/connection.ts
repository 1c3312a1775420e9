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
  /** Calls back each time a connection is lost: whoever answers next may be another server, or one that forgot. */
  onLost(listener: () => void): void
  /** Whether keys of one step must share a hash tag, and other keys may lie on other servers. */
  readonly isCluster: boolean
  close(): Promise<void>
}

const reconnectMostMs = 1_000
/** So many steps without an answer, and the connection is given up. */
const silencesPerConnection = 20
/** A server that only reads is one that a failover has just replaced: the next connection finds its successor. */
const isReadOnly = (error: Error) => error.message.startsWith('READONLY')

/** Connects and checks that the server keeps what it is given. Throws `config_invalid`, `store_unavailable`. */
export async function openRedis(
  settings: RedisSettings,
  report: (failure: unknown, place: string) => void,
): Promise<RedisConnection> {
  const place = readRedisUrl(settings.url)
  // Loaded here, so that a gateway that shares nothing starts without it.
  const redis = await import('ioredis')
  const client = clientFor(redis, place, settings)
  const trying = keepTrying(client)
  const sentinels = place.kind === 'sentinel' ? watchSentinels(redis, place, client) : undefined
  const watch = {
    close() {
      trying.close()
      sentinels?.close()
    },
  }
  let isReported = false
  client.on('error', (failure: unknown) => {
    // Once for each outage: the client tries again by itself.
    if (!isReported) report(failure, 'the connection to Redis')
    isReported = true
  })
  client.on('ready', () => {
    isReported = false
  })
  const connection = connectionOf(client, watch, settings.commandTimeoutMs)
  try {
    await client.connect()
    await refuseEviction(client)
  } catch (thrown) {
    watch.close()
    client.disconnect()
    throw thrown instanceof Problem ? thrown : unreachable(thrown)
  }
  return connection
}

function clientFor(
  { Cluster, Redis }: Pick<typeof ioredis, 'Cluster' | 'Redis'>,
  place: RedisPlace,
  { connectTimeoutMs }: RedisSettings,
): Redis | Cluster {
  const common = {
    connectTimeout: connectTimeoutMs,
    // What was sent on a connection that broke is never sent again by itself: its sender decides.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
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

interface Watch {
  close(): void
}

/** Gives up the connection that stands. One that is just being made is left alone: ending it would end all trying. */
function connectAnew(client: Redis | Cluster): void {
  if (client.status === 'ready' || client.status === 'connect') client.disconnect(true)
}

/** Begins again whenever the client has given up: an outage has no length after which nobody tries any more. */
function keepTrying(client: Redis | Cluster): Watch {
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  client.on('end', () => {
    if (isClosed) return
    const connect = () => void client.connect().catch(() => undefined)
    timer = setTimeout(connect, reconnectMostMs).unref()
  })
  return {
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

/** Hears of a new primary from the Sentinels and turns to it: an old one that is frozen or cut off would not say so. */
function watchSentinels(
  { Redis }: Pick<typeof ioredis, 'Redis'>,
  { nodes, primaryName, isEncrypted }: RedisPlace,
  client: Redis | Cluster,
): Watch {
  const watchers = nodes.map(({ host, port }) => {
    const retryStrategy = () => reconnectMostMs
    const watcher = new Redis({ host, port, retryStrategy, ...(isEncrypted ? { tls: {} } : {}) })
    // Another Sentinel tells it too, and this one is tried again.
    watcher.on('error', () => undefined)
    watcher.on('message', (_channel, message: string) => {
      if (message.startsWith(`${primaryName} `)) connectAnew(client)
    })
    watcher.subscribe('+switch-master').catch(() => undefined)
    return watcher
  })
  return {
    close() {
      for (const watcher of watchers) watcher.disconnect()
    },
  }
}

function connectionOf(client: Redis | Cluster, watch: Watch, commandTimeoutMs: number): RedisConnection {
  let silences = 0
  /** A server that is silent for long may not be the primary any more: the next connection is made anew. */
  const noteSilence = () => {
    silences += 1
    if (silences % silencesPerConnection === 0) connectAnew(client)
  }
  const losses: Array<() => void> = []
  client.on('close', () => {
    for (const tell of losses) tell()
  })
  return {
    isCluster: 'nodes' in client,
    onLost: (listener) => void losses.push(listener),
    async call(command, ...args) {
      try {
        const answer = await within(commandTimeoutMs, client.call(command, ...args))
        silences = 0
        return answer
      } catch (thrown) {
        if (isNoScript(thrown)) throw thrown
        if (thrown instanceof Silence) noteSilence()
        throw unavailable(thrown)
      }
    },
    isReady: () => client.status === 'ready',
    async close() {
      watch.close()
      try {
        await within(commandTimeoutMs, client.quit())
      } catch {
        // It is away: there is nobody to take leave of.
      }
      client.disconnect()
    },
  }
}

/** No answer came in time; the step may yet be done. */
class Silence extends Error {}

/**
 * The answer, or an error when none has come in time. An answer that waits unread, because this process was busy, has
 * come in time: it is read before the error is given.
 */
function within<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Silence(`no answer within ${timeoutMs} ms`))
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
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
      mend: 'Set maxmemory-policy to noeviction at the server that REDIS_URL or storage.redis.url names, or give money a Redis of its own.',
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
