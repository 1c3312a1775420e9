/** Real Redis servers that work together: a primary with replicas watched by Sentinels, and a Cluster. */
import { spawn, spawnSync } from 'node:child_process'
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
  readonly nodes: readonly RealRedis[]
  stop(): Promise<void>
}

/** Three primaries that share the slots between them, without replicas. */
export async function startCluster(): Promise<ClusteredRedis> {
  const startNode = async () =>
    startRedis(
      '--cluster-enabled',
      'yes',
      '--cluster-node-timeout',
      '2000',
      '--cluster-port',
      String(await freePort()),
    )
  const nodes = await Promise.all([startNode(), startNode(), startNode()])
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  const made = spawnSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], {
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`the Cluster was not made: ${made.stdout} ${made.stderr}`)
  for (const { url } of nodes) await untilWhole(url)
  return {
    url: `redis+cluster://${addresses.join(',')}`,
    nodes,
    async stop() {
      for (const node of nodes) await node.stop()
    },
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
