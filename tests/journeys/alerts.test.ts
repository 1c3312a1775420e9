/** Money spent through the whole house, and who is told of it: two marks, two alerts, whoever is asked. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, describe, test } from 'node:test'
import { loadConfig } from '#config/load.ts'
import { windowAt } from '#core/domain/budget-window.ts'
import { formatUsd, toNanoUsd } from '#core/domain/money.ts'
import { openReceiver, withStatus } from '#tests/alerts/http-receiver.ts'
import type { Receiver } from '#tests/alerts/http-receiver.ts'
import { checked } from '#tests/alerts/signed.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { readExposition } from '#tests/journeys/exposition.ts'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import {
  askingOf,
  catalogueFile,
  expectedCost,
  quietSettings,
  recordingsOf,
} from '#tests/journeys/provider-stage.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import type { RealPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const asOperator = bearer(adminKey)
const signingSecret = 'whsec-of-this-journey'
const environment = { ADMIN_API_KEY: adminKey, ALERT_SECRET: signingSecret }

const asking = askingOf('openai-chat')
const recording = recordingsOf(asking).find(
  ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.usage,
)
assert.ok(recording?.expect.usage)
const costNanoUsd = expectedCost(asking, recording, recording.expect.usage)
/** Three requests cost nine tenths of it. */
const limitNanoUsd = Math.ceil(costNanoUsd / 0.3)

interface Terms {
  readonly providerUrl: string
  readonly receiverUrl: string
}

const settings = ({ providerUrl, receiverUrl }: Terms, more = '') => `
${quietSettings}
providers: {openai: {base_url: "${providerUrl}"}}
catalog: {file: ${catalogueFile}}
access: {require_key: true}
budget: {limits: [{scope: tenant, id: acme, limit: "${formatUsd(toNanoUsd(limitNanoUsd))}", hard: false}]}
alerts:
  check_every_ms: 100
  forecast: {enabled: false}
  destinations:
    - {name: ops, kind: webhook, url: "${receiverUrl}/ops", secret: ALERT_SECRET}
${more}`

const ask = async (house: RunningHouse, secret: string) => {
  const question = { prompt: 'Hello', model: asking.model, max_tokens: 50 }
  const response = await house.post('/v1/generate', question, bearer(secret))
  assert.equal(response.status, 200, await response.text())
}

describe('one house', () => {
  let provider: ReplayingProvider
  let receiver: Receiver
  let house: RunningHouse
  let status = 200
  before(async () => {
    provider = await startReplayingProvider({ recording: () => recording })
    receiver = await openReceiver((response, number) => withStatus(status)(response, number))
    const yaml = settings({ providerUrl: provider.baseUrl('openai-chat'), receiverUrl: receiver.url })
    house = await startHouse({ yaml, environment: { ...environment, OPENAI_API_KEY: asking.key } })
  })
  after(async () => {
    await house.close()
    await receiver.close()
    await provider.close()
  })

  test('half and four fifths of a budget are spent, and exactly two alerts say so, signed and with the right numbers', async () => {
    const { secret } = await makeKey(house, { tenant_id: 'acme' })
    for (const alerts of [0, 1, 2]) {
      await ask(house, secret)
      await eventually(() => assert.equal(receiver.received.length, alerts))
    }
    // Nothing more comes, however often the budget is looked at.
    await ask(house, (await makeKey(house, { tenant_id: 'other' })).secret)
    await sleep(400)
    const alerts = receiver.received.map((one) => checked(one, signingSecret).body)
    const { id: windowId, resetsAtMs } = windowAt('month', Date.now())
    assert.deepEqual(
      alerts.map(({ type, threshold, spent_usd, percent, budget, resets_at }) => ({
        type,
        threshold,
        spent_usd,
        percent,
        resets_at,
        scope: budget['scope'],
        subject: budget['subject'],
        window_id: budget['window_id'],
        limit_usd: budget['limit_usd'],
      })),
      [2, 3].map((requests) => ({
        type: 'budget.threshold',
        threshold: requests === 2 ? 0.5 : 0.8,
        spent_usd: formatUsd(toNanoUsd(costNanoUsd * requests)),
        percent: Math.floor(((costNanoUsd * requests) / limitNanoUsd) * 10_000) / 100,
        resets_at: new Date(resetsAtMs ?? 0).toISOString(),
        scope: 'tenant',
        subject: 'acme',
        window_id: windowId,
        limit_usd: formatUsd(toNanoUsd(limitNanoUsd)),
      })),
    )
    assert.equal(new Set(alerts.map(({ id }) => id)).size, 2)
    assert.equal(house.logLines.filter((line) => line.startsWith('budget alert ')).length, 2)
    assert.ok(!house.logLines.join().includes(signingSecret))
  })

  test("what cannot be delivered is no request's trouble, and stands in health and metrics", async () => {
    status = 500
    const { secret } = await makeKey(house, { tenant_id: 'acme' })
    await ask(house, secret)
    await eventually(async () => {
      const response = await house.get('/health/detailed', asOperator)
      const { alerts } = (await response.json()) as {
        readonly alerts: { readonly waiting: readonly Record<string, unknown>[] }
      }
      assert.deepEqual(
        alerts.waiting.map(({ destination, count, failure }) => [destination, count, failure]),
        [['ops', 1, 'it answered 500']],
      )
    })
    await ask(house, secret)
    const metrics = readExposition(await (await house.get('/metrics', asOperator)).text())
    assert.deepEqual(
      ['signalbox_alerts_sent_total', 'signalbox_alerts_failed_total'].map((name) => metrics.sum(name)),
      [2, 1],
    )
  })

  test('the operator tries every destination, and nobody else may', async () => {
    status = 200
    const before = receiver.received.length
    const tried = await house.post('/admin/v1/alerts/test', '', asOperator)
    assert.equal(tried.status, 200)
    assert.deepEqual(await tried.json(), {
      data: [{ destination: 'ops', kind: 'webhook', delivered: true, failure: null }],
    })
    const [request] = receiver.received.slice(before)
    assert.ok(request)
    assert.equal(checked(request, signingSecret).body.type, 'test')
    const { secret } = await makeKey(house, { tenant_id: 'acme', permissions: ['admin'] })
    const refused = await house.post('/admin/v1/alerts/test', '', bearer(secret))
    assert.equal(refused.status, 403, await refused.text())
  })

  test('a destination that is added while the house runs is told from then on', async () => {
    const yaml = settings(
      { providerUrl: provider.baseUrl('openai-chat'), receiverUrl: receiver.url },
      `    - {name: chat, kind: slack, url: "${receiver.url}/chat", scopes: [key]}\n`,
    )
    const text = yaml.replace('limits: [', 'limits: [{scope: key, limit: 0, hard: false}, ')
    const next = loadConfig(
      {
        file: 'next.yaml',
        environment: { DATA_DIR: house.dataDir, HOST: '127.0.0.1', PORT: '0', ...environment },
        readFile: (path) => (path === 'next.yaml' ? text : undefined),
      },
      house.config,
    )
    house.house.apply(next)
    await ask(house, (await makeKey(house, { tenant_id: 'third' })).secret)
    await eventually(() => {
      const texts = receiver.received.filter(({ path }) => path === '/chat').map(({ body }) => body)
      assert.equal(texts.length, 3)
      assert.match(texts[0] ?? '', /100 % of the budget of key .* of third for the month/)
    })
  })
})

describe('two houses', { skip: whyNoRedis() ?? whyNoPostgres() ?? false }, () => {
  let redis: RealRedis
  let postgres: RealPostgres
  let provider: ReplayingProvider
  let receiver: Receiver
  let houses: readonly [RunningHouse, RunningHouse]
  before(async () => {
    redis = await startRedis()
    postgres = await startPostgres()
    provider = await startReplayingProvider({ recording: () => recording })
    receiver = await openReceiver()
    const yaml = settings({ providerUrl: provider.baseUrl('openai-chat'), receiverUrl: receiver.url })
    const start = () =>
      startHouse({
        yaml,
        environment: {
          ...environment,
          OPENAI_API_KEY: asking.key,
          REDIS_URL: redis.url,
          DATABASE_URL: postgres.url,
          KEY_PEPPER: Buffer.alloc(32, 7).toString('base64'),
        },
      })
    houses = await Promise.all([start(), start()])
  })
  after(async () => {
    for (const house of houses) await house.close()
    await receiver.close()
    await provider.close()
    await postgres.stop()
    await redis.stop()
  })

  test('both see that a mark is passed, and one alert is sent', async () => {
    const { secret } = await makeKey(houses[0], { tenant_id: 'acme' })
    const told = () =>
      houses.map(({ logLines }) => logLines.filter((line) => line.startsWith('budget alert ')).length)
    for (const [position, alerts] of [
      [0, 0],
      [1, 1],
      [0, 2],
    ] as const) {
      await ask(houses[position], secret)
      await eventually(() => assert.equal(receiver.received.length, alerts))
    }
    // Time enough for the other house to look several times.
    await sleep(600)
    const thresholds = receiver.received.map((one) => checked(one, signingSecret).body['threshold'])
    assert.deepEqual(thresholds, [0.5, 0.8])
    const [first = 0, second = 0] = told()
    assert.equal(first + second, 2)
  })
})
