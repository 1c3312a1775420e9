/** How often a request goes to Redis for its limits and its money: once before the provider is asked, and once after. */
import assert from 'node:assert/strict'
import { after, before as beforeAll, describe, test } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'
import { askingOf, catalogueFile, quietSettings, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { startCountingProxy } from '#tests/support/counting-proxy.ts'
import type { CountingProxy } from '#tests/support/counting-proxy.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import { announcePorts, startCluster } from '#tests/support/redis-topologies.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const asking = askingOf('openai-chat')
const recording = recordingsOf(asking).find(
  ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.usage,
)

/** Every level in every window, and budgets beside them. */
const ofTenants = ['tenant', 'user', 'key']
const ofTargets = ['model', 'provider']
const windows = ['second', 'minute', 'hour', 'day']
const ruleOf = (level: string) => (window: string) =>
  `{level: ${level}, window: ${window}, requests: 1000, tokens: 1000000, concurrent_requests: 50}`
const budgetOf = (scope: string) => `{scope: ${scope}, window: month, limit: 100}`

interface Wishes {
  readonly levels: readonly string[]
  readonly budgets: readonly string[]
}

const settings = (providerUrl: string, redisUrl: string, { levels, budgets }: Wishes) => `
${soonWritten}${quietSettings}
alerts: {enabled: false}
providers: {openai: {base_url: "${providerUrl}"}}
catalog: {file: ${catalogueFile}}
storage: {redis: {url: "${redisUrl}", key_prefix: trips, command_timeout_ms: 5000}}
limits: {rules: [${levels.flatMap((level) => windows.map(ruleOf(level))).join(', ')}]}
budget: {limits: [${budgets.map(budgetOf).join(', ')}]}
`

/** Servers that are reached through counting proxies. */
interface CountedRedis {
  readonly url: string
  readonly proxies: readonly CountingProxy[]
  stop(): Promise<void>
}

async function startCounted(): Promise<CountedRedis> {
  const redis = await startRedis()
  const proxy = await startCountingProxy(redis.port)
  return {
    url: `redis://127.0.0.1:${proxy.port}`,
    proxies: [proxy],
    async stop() {
      await proxy.close()
      await redis.stop()
    },
  }
}

async function startCountedCluster(): Promise<CountedRedis> {
  const cluster = await startCluster()
  const proxies = await Promise.all(cluster.nodes.map(({ port }) => startCountingProxy(port)))
  const ports = proxies.map(({ port }) => port)
  await announcePorts(cluster, ports)
  return {
    url: `redis+cluster://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
    proxies,
    async stop() {
      for (const proxy of proxies) await proxy.close()
      await cluster.stop()
    },
  }
}

/** One script for all that a request counts on in one place: a tenant's has all of it, but for what tenants share. */
const cases = [
  {
    name: 'limits and money in Redis',
    start: startCounted,
    levels: [...ofTenants, ...ofTargets],
    budgets: ['tenant', 'model'],
    places: 1,
  },
  {
    name: 'limits and money of a tenant in a Cluster',
    start: startCountedCluster,
    levels: ofTenants,
    budgets: ['tenant'],
    places: 1,
  },
  {
    name: 'limits and money of a tenant and of what tenants share in a Cluster',
    start: startCountedCluster,
    levels: [...ofTenants, ...ofTargets],
    budgets: ['tenant', 'model'],
    places: 2,
  },
]

for (const { name, start, levels, budgets, places } of cases) {
  describe(name, { skip: whyNoRedis() ?? false }, () => {
    let redis: CountedRedis
    let provider: ReplayingProvider
    let house: RunningHouse
    let before: Sent | undefined
    let isRefusing = false

    interface Sent {
      readonly scripts: number
      /** At the server with the most of them. */
      readonly roundTrips: number
    }
    const sentSoFar = (): Sent => ({
      scripts: redis.proxies.reduce((sum, proxy) => sum + proxy.sent('EVALSHA'), 0),
      roundTrips: Math.max(...redis.proxies.map((proxy) => proxy.roundTrips())),
    })

    beforeAll(async () => {
      assert.ok(recording)
      redis = await start()
      const beforeHead = () => {
        before = sentSoFar()
        return Promise.resolve()
      }
      provider = await startReplayingProvider({
        recording: () => ({ recording, beforeHead, ...(isRefusing ? { status: 400 } : {}) }),
      })
      const yaml = settings(provider.baseUrl('openai-chat'), redis.url, { levels, budgets })
      house = await startHouse({ yaml, environment: { OPENAI_API_KEY: asking.key } })
      // The first requests bring the scripts to the server, and connections to every server.
      for (let requests = 0; requests < 3; requests += 1) await ask()
    })
    after(async () => {
      await house.close()
      await provider.close()
      await redis.stop()
    })

    const ask = async () => {
      const question = { prompt: 'Hello', model: asking.model, max_tokens: 50 }
      const response = await house.post('/v1/generate', question, { 'x-signalbox-user': 'ann' })
      await response.arrayBuffer()
      return response.status
    }

    for (const what of ['answered', 'refused by the provider']) {
      test(`a request that is ${what}: one script and one round trip before, and after`, async () => {
        isRefusing = what !== 'answered'
        // The house's own chores go the same way twice a second: a round in which none of them came counts.
        await eventually(async () => {
          for (const proxy of redis.proxies) proxy.reset()
          const status = await ask()
          assert.equal(status === 200, !isRefusing)
          assert.deepEqual(before, { scripts: places, roundTrips: 1 })
          await settled(() => sentSoFar().scripts >= places * 2)
          assert.deepEqual(sentSoFar(), { scripts: places * 2, roundTrips: 2 })
        })
      })
    }
  })
}

/** Waits for what is sent after the answer. */
async function settled(isSent: () => boolean): Promise<void> {
  await eventually(() => assert.ok(isSent()))
}
