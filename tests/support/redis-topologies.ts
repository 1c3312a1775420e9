/** Real Redis servers that work together: a primary with replicas watched by Sentinels, and a Cluster. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { eventually } from '#tests/journeys/eventually.ts'
import { startRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { freePort, untilOpen } from '#tests/support/real-server.ts'

export interface WatchedRedis {
  readonly url: string
  readonly servers: readonly RealRedis[]
  /** The server that the Sentinels call the primary at this moment. */
  primary(): Promise<RealRedis>
  /** Brings a killed server back as a replica of the present primary, and waits until it follows. */
  revive(server: RealRedis): Promise<void>
  stop(): Promise<void>
}

const primaryName = 'money'
const quorum = 2
const followers = ['--repl-diskless-sync-delay', '0', '--min-replicas-max-lag', '2']

/** One primary, two replicas, three Sentinels, which take a primary for dead after half a second. */
export async function startSentinels(): Promise<WatchedRedis> {
  const first = await startRedis(...followers, '--min-replicas-to-write', '1')
  const replicaOf = (primary: RealRedis) => ['--replicaof', '127.0.0.1', String(primary.port)]
  const joinFirst = () => startRedis(...followers, '--min-replicas-to-write', '1', ...replicaOf(first))
  const servers = [first, await joinFirst(), await joinFirst()]
  for (const replica of servers.slice(1)) await untilFollowing(replica)
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(first.port)))
  const [watcher] = sentinels
  if (!watcher) throw new Error('no Sentinel was started')
  const client = new Redis({ port: watcher.port, host: '127.0.0.1' })
  await eventually(async () => {
    const [known] = (await client.call('SENTINEL', 'MASTERS')) as string[][]
    const valueOf = (name: string) => known?.[known.indexOf(name) + 1]
    if (valueOf('num-slaves') !== '2' || valueOf('num-other-sentinels') !== '2')
      throw new Error('the Sentinels have not met')
  })
  const primary = async () => {
    const found = (await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primaryName)) as string[]
    const server = servers.find(({ port }) => String(port) === found[1])
    if (!server) throw new Error('the Sentinels name a server that is not one of these')
    return server
  }
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${primaryName}`,
    servers,
    primary,
    async revive(server) {
      await server.revive(...replicaOf(await primary()))
      await untilFollowing(server)
    },
    async stop() {
      client.disconnect()
      for (const sentinel of sentinels) await sentinel.stop()
      for (const server of servers) await server.stop()
    },
  }
}

async function untilFollowing({ url }: RealRedis): Promise<void> {
  const client = new Redis(url)
  try {
    await eventually(async () => {
      const replication = await client.info('replication')
      if (!replication.includes('master_link_status:up')) throw new Error('the replica does not follow yet')
    })
  } finally {
    client.disconnect()
  }
}

async function startSentinel(primaryPort: number) {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-sentinel-'))
  const file = join(directory, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory}`,
    `sentinel monitor ${primaryName} 127.0.0.1 ${primaryPort} ${quorum}`,
    `sentinel down-after-milliseconds ${primaryName} 500`,
    `sentinel failover-timeout ${primaryName} 3000`,
    `sentinel parallel-syncs ${primaryName} 2`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const server = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  const exited = once(server, 'exit')
  await untilOpen(port)
  return {
    port,
    async stop() {
      server.kill('SIGKILL')
      await exited
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export interface ClusteredRedis {
  readonly url: string
  /** The primaries first, in the order of their slots, then their replicas in the same order. */
  readonly nodes: readonly RealRedis[]
  /** Waits until a slot of each primary answers, whoever serves it now. */
  untilServing(): Promise<void>
  stop(): Promise<void>
}

const slots = 16_384
const primaries = 3

/** Three primaries that share the slots between them, each with a replica or without. */
export async function startCluster({ hasReplicas = false } = {}): Promise<ClusteredRedis> {
  const startNode = async () =>
    startRedis(
      '--cluster-enabled',
      'yes',
      '--cluster-node-timeout',
      '1000',
      '--cluster-port',
      String(await freePort()),
      '--repl-diskless-sync-delay',
      '0',
    )
  const count = hasReplicas ? primaries * 2 : primaries
  const nodes = await Promise.all(Array.from({ length: count }, startNode))
  const clients = nodes.map(({ url }) => new Redis(url))
  try {
    await meet(clients)
    for (const [position, client] of clients.slice(0, primaries).entries()) {
      const first = Math.floor((position * slots) / primaries)
      const last = Math.floor(((position + 1) * slots) / primaries) - 1
      await client.call('CLUSTER', 'ADDSLOTSRANGE', first, last)
    }
    for (const [position, replica] of clients.slice(primaries).entries()) {
      const id = await clients[position]?.call('CLUSTER', 'MYID')
      await eventually(() => replica.call('CLUSTER', 'REPLICATE', String(id)))
    }
  } finally {
    for (const client of clients) client.disconnect()
  }
  for (const { url } of nodes) await untilWhole(url)
  for (const replica of nodes.slice(primaries)) await untilFollowing(replica)
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    async untilServing() {
      await eventually(async () => {
        const states = await Promise.all(nodes.map(clusterState))
        if (!states.some((state) => state)) throw new Error('the Cluster serves nobody')
      }, failoverPatienceMs)
    },
    async stop() {
      for (const node of nodes) await node.stop()
    },
  }
}

/** Lets everybody reach the nodes of a Cluster through these ports, in the order of the nodes. */
export async function announcePorts({ nodes }: ClusteredRedis, ports: readonly number[]): Promise<void> {
  const clients = nodes.map(({ url }) => new Redis(url))
  try {
    for (const [position, client] of clients.entries())
      await client.config('SET', 'cluster-announce-port', String(ports[position]))
    for (const client of clients) {
      await eventually(async () => {
        const told = JSON.stringify(await client.cluster('SLOTS'))
        if (!ports.every((port) => told.includes(String(port)))) throw new Error('not announced yet')
      })
    }
  } finally {
    for (const client of clients) client.disconnect()
  }
}

const failoverPatienceMs = 60_000

/** Every node hears of the first, and of all others through it. */
async function meet(clients: readonly Redis[]): Promise<void> {
  const [first] = clients
  if (!first) throw new Error('a Cluster of no nodes')
  const portOf = async (client: Redis, name: string) => {
    const [, port] = await client.config('GET', name)
    return Number(port)
  }
  const [port, busPort] = [await portOf(first, 'port'), await portOf(first, 'cluster-port')]
  for (const [position, client] of clients.entries()) {
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', position + 1)
    if (client !== first) await client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
  }
  for (const client of clients) {
    await eventually(async () => {
      const known = String(await client.call('CLUSTER', 'NODES'))
      if (known.trim().split('\n').length !== clients.length) throw new Error('the nodes have not met')
    })
  }
}

async function clusterState({ url }: RealRedis): Promise<boolean> {
  const client = new Redis(url, { retryStrategy: () => null, maxRetriesPerRequest: 0 })
  client.on('error', () => undefined)
  try {
    return (await client.cluster('INFO')).includes('cluster_state:ok')
  } catch {
    return false
  } finally {
    client.disconnect()
  }
}

async function untilWhole(url: string): Promise<void> {
  const client = new Redis(url)
  try {
    await eventually(async () => {
      const state = await client.cluster('INFO')
      if (!state.includes('cluster_state:ok')) throw new Error('the Cluster is not whole yet')
    })
  } finally {
    client.disconnect()
  }
}
