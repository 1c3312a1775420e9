/** How often a request goes to Redis for its limits and its money: once before the provider is asked, and once after. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'
import { askingOf, catalogueFile, quietSettings, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { readSharedBooks } from '#tests/money/money-books.ts'
import { startCountingProxy } from '#tests/support/counting-proxy.ts'
import type { CountingProxy } from '#tests/support/counting-proxy.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const asking = askingOf('openai-chat')
const recording = recordingsOf(asking).find(
  ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.usage,
)

/** Every level in every window, and budgets beside them. */
const levels = ['tenant', 'user', 'key', 'model', 'provider']
const windows = ['second', 'minute', 'hour', 'day']
const rules = levels.flatMap((level) =>
  windows.map(
    (window) =>
      `{level: ${level}, window: ${window}, requests: 1000, tokens: 1000000, concurrent_requests: 50}`,
  ),
)
const settings = (providerUrl: string, redisPort: number) => `
${soonWritten}${quietSettings}
alerts: {enabled: false}
providers: {openai: {base_url: "${providerUrl}"}}
catalog: {file: ${catalogueFile}}
storage: {redis: {url: "redis://127.0.0.1:${redisPort}", key_prefix: trips, command_timeout_ms: 5000}}
limits: {rules: [${rules.join(', ')}]}
budget: {limits: [{scope: tenant, window: month, limit: 100}, {scope: model, window: day, limit: 100}]}
`

describe('limits and money in Redis', { skip: whyNoRedis() ?? false }, () => {
  let redis: RealRedis
  let proxy: CountingProxy
  let provider: ReplayingProvider
  let house: RunningHouse
  let tripsBefore = 0
  let isRefusing = false

  before(async () => {
    assert.ok(recording)
    redis = await startRedis()
    proxy = await startCountingProxy(redis.port)
    const beforeHead = () => {
      tripsBefore = proxy.roundTrips()
      return Promise.resolve()
    }
    provider = await startReplayingProvider({
      recording: () => ({ recording, beforeHead, ...(isRefusing ? { status: 400 } : {}) }),
    })
    const yaml = settings(provider.baseUrl('openai-chat'), proxy.port)
    house = await startHouse({ yaml, environment: { OPENAI_API_KEY: asking.key } })
    // The first request brings the scripts to the server.
    await ask()
  })
  after(async () => {
    await house.close()
    await provider.close()
    await proxy.close()
    await redis.stop()
  })

  const ask = async () => {
    const question = { prompt: 'Hello', model: asking.model, max_tokens: 50 }
    const response = await house.post('/v1/generate', question, { 'x-signalbox-user': 'ann' })
    await response.arrayBuffer()
    await eventually(async () => {
      const { counters } = await readSharedBooks(redis.url, 'trips', [house.dataDir])
      assert.ok(counters.length > 0 && counters.every(({ reserved }) => reserved === 0))
    })
    return response.status
  }

  for (const what of ['answered', 'refused by the provider']) {
    test(`a request that is ${what}: one round trip before, one after`, async () => {
      isRefusing = what !== 'answered'
      // The house's own chores go the same way every few seconds: a round in which none of them came counts.
      await eventually(async () => {
        proxy.reset()
        const status = await ask()
        assert.equal(status === 200, !isRefusing)
        assert.equal(tripsBefore, 1)
        assert.equal(proxy.roundTrips(), 2)
        assert.equal(proxy.sent('EVALSHA'), 4)
      })
    })
  }
})
