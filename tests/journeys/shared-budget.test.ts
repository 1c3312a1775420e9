/** Two instances that share Redis: one budget for both, whoever is asked, and no more spent than it allows. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  askingOf,
  catalogueFile,
  expectedCost,
  quietSettings,
  recordingsOf,
} from '#tests/journeys/provider-stage.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { readSharedBooks } from '#tests/money/money-books.ts'
import { rounds, tell } from '#tests/money/soak.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'
import { eventually } from '#tests/journeys/eventually.ts'

const asking = askingOf('openai-chat')
const recording = recordingsOf(asking).find(
  ({ reply, expect }) =>
    reply.stream === undefined && expect.outcome === 'ok' && expect.text !== undefined && expect.usage,
)
assert.ok(recording?.expect.usage)
const { inputTokens, outputTokens } = recording.expect.usage
/** As long as what the provider counts, so that each hold covers its bill. */
const question = { prompt: 'Hello '.repeat(inputTokens), model: asking.model, max_tokens: outputTokens }
const costNanoUsd = expectedCost(asking, recording, recording.expect.usage)
const affordable = 100
const monthNow = () => new Date().toISOString().slice(0, 7)

const settings = (providerUrl: string, redisUrl: string, limitUsd: string) => `
${soonWritten}${quietSettings}
providers: {openai: {base_url: "${providerUrl}"}}
catalog: {file: ${catalogueFile}}
storage: {redis: {url: "${redisUrl}", key_prefix: shared-budget}}
budget: {limits: [{scope: tenant, window: month, limit: "${limitUsd}"}]}
`

for (let round = 1; round <= rounds(1, 5); round += 1) {
  describe(`two instances with one budget, round ${round}`, { skip: whyNoRedis() ?? false }, shareOneBudget)
}

function shareOneBudget(): void {
  let redis: RealRedis
  let provider: ReplayingProvider
  let houses: readonly RunningHouse[]

  before(async () => {
    redis = await startRedis()
    provider = await startReplayingProvider({ recording: () => recording })
    const limitUsd = ((costNanoUsd * affordable) / 1e9).toFixed(9)
    const yaml = settings(provider.baseUrl('openai-chat'), redis.url, limitUsd)
    const environment = { OPENAI_API_KEY: asking.key }
    houses = await Promise.all([startHouse({ yaml, environment }), startHouse({ yaml, environment })])
  })
  after(async () => {
    for (const house of houses) await house.close()
    await provider.close()
    await redis.stop()
  })

  const ask = async (position: number) => {
    const house = houses[position % houses.length]
    assert.ok(house)
    const response = await house.post('/v1/generate', question, { 'x-request-id': 'everybody' })
    await response.arrayBuffer()
    return response.status
  }

  test('a thousand at once spend no more than the budget, and the refused are told so', async () => {
    const statuses = await Promise.all(Array.from({ length: 1_000 }, (_, position) => ask(position)))
    const answered = statuses.filter((status) => status === 200).length
    assert.deepEqual(
      [...new Set(statuses)].toSorted((a, b) => a - b),
      [200, 402],
    )
    assert.equal(provider.requests.length, answered)
    assert.ok(answered > 0 && answered * costNanoUsd <= affordable * costNanoUsd, `${answered} were answered`)

    const dataDirs = houses.map(({ dataDir }) => dataDir)
    const bills = provider.requests.map(() => ({ mark: 'everybody', costNanoUsd }))
    const limits = new Map([[`tenant:default ${monthNow()}`, costNanoUsd * affordable]])
    await eventually(async () => {
      const books = await readSharedBooks(redis.url, 'shared-budget', dataDirs)
      const { exact } = assertMoney(books, { limits, bills })
      assert.equal(exact, answered)
      const counter = books.counters.find(({ scope }) => scope === 'tenant:default')
      assert.equal(counter?.settled, answered * costNanoUsd)
      assert.equal(books.rows.filter(({ kind }) => kind === 'refused').length, statuses.length - answered)
    })
    tell(
      `stampede: 1000 calls, room for ${affordable}, ${answered} answered and charged, nothing above the limit`,
    )
  })

  test('a Redis that is gone refuses what cannot be paid for, and nobody is asked', async () => {
    const before = provider.requests.length
    await redis.stop()
    assert.equal(await ask(0), 503)
    assert.equal(provider.requests.length, before)
  })
}
