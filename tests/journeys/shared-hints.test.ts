/** Two instances that share Redis: what one found broken the other need not find out failure by failure. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'
import { catalogueFile } from '#tests/journeys/provider-stage.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import type { RealRedis } from '#tests/support/real-redis.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const good = goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8')
const goodClaude = goldenRecording('anthropic-messages', 'anthropic-stop-settings-anthropic-4be142bb')
const failing: Recording = {
  ...good,
  reply: {
    status: 500,
    headers: { 'content-type': 'application/json' },
    body: { error: { message: 'No.' } },
  },
  expect: { outcome: 'error' },
}
const failuresNeeded = 6

interface Track {
  readonly name: string
  readonly breaker: string
  readonly suspected: boolean
}

describe('two instances that share Redis', { skip: whyNoRedis() ?? false }, () => {
  let redis: RealRedis
  let provider: ReplayingProvider
  let first: RunningHouse
  let second: RunningHouse
  let isFailing = true
  const asked: string[] = []

  before(async () => {
    redis = await startRedis()
    provider = await startReplayingProvider({
      recording({ dialect }) {
        asked.push(dialect ?? '')
        if (dialect === 'anthropic-messages') return goodClaude
        return isFailing ? failing : good
      },
    })
    const yaml = `${soonWritten}cache: {enabled: false}
resilience: {attempts_per_target: 1, breaker: {window_ms: 60000, minimum_requests: ${failuresNeeded}, open_ms: 600000, open_max_ms: 600000, half_open_trials: 2}}
providers:
  openai: {base_url: "${provider.baseUrl('openai-chat')}"}
  anthropic: {base_url: "${provider.baseUrl('anthropic-messages')}"}
catalog: {file: ${catalogueFile}}
storage: {redis: {url: "${redis.url}", key_prefix: shared-hints}}
`
    const environment = { OPENAI_API_KEY: 'sk-x', ANTHROPIC_API_KEY: 'sk-y' }
    first = await startHouse({ yaml, environment })
    second = await startHouse({ yaml, environment })
  })
  after(async () => {
    await first.close()
    await second.close()
    await provider.close()
    await redis.stop()
  })

  const ask = async (house: RunningHouse, more: object = {}) => {
    asked.length = 0
    const question = { prompt: 'x', model: 'talking-gpt', max_tokens: 50, ...more }
    const response = await house.post('/v1/generate', question)
    await response.arrayBuffer()
    return { status: response.status, asked: [...asked] }
  }
  const trackAt = async (house: RunningHouse): Promise<Track | undefined> => {
    const health = (await (await house.get('/health/detailed')).json()) as {
      readonly targets: readonly Track[]
    }
    return health.targets.find(({ name }) => name === 'openai/talking-gpt-2026')
  }

  it('what the first finds broken, the second passes over for a fallback without having failed once', async () => {
    for (let times = 0; times < failuresNeeded; times++) await ask(first)
    assert.equal((await trackAt(first))?.breaker, 'open')
    await eventually(async () => assert.equal((await trackAt(second))?.suspected, true))
    const answer = await ask(second, { fallbacks: ['some-claude'] })
    assert.deepEqual(answer, { status: 200, asked: ['anthropic-messages'] })
    const metrics = await (await second.get('/metrics')).text()
    assert.match(metrics, /signalbox_track_state\{[^}]*talking-gpt-2026[^}]*suspected[^}]*\} 1/)
  })

  it('without a fallback the second asks for itself: one failure is enough for it', async () => {
    assert.deepEqual((await ask(second)).asked, ['openai-chat'])
    assert.equal((await trackAt(second))?.breaker, 'open')
    assert.deepEqual(await ask(second), { status: 503, asked: [] })
  })

  it('an instance that starts later is told as well, and believes its own eyes more', async () => {
    isFailing = false
    const third = await startHouse({ yaml: yamlOf(first), environment: { OPENAI_API_KEY: 'sk-x' } })
    try {
      await eventually(async () => assert.equal((await trackAt(third))?.suspected, true))
      for (let times = 0; times < 2; times++) assert.equal((await ask(third)).status, 200)
      assert.equal((await trackAt(third))?.suspected, false)
      assert.equal((await trackAt(third))?.breaker, 'closed')
    } finally {
      await third.close()
    }
  })

  const yamlOf = ({ config }: RunningHouse) => `${soonWritten}cache: {enabled: false}
resilience: {attempts_per_target: 1, breaker: {half_open_trials: 2}}
providers: {openai: {base_url: "${config.providers.get('openai')?.baseUrl ?? ''}"}}
catalog: {file: ${catalogueFile}}
storage: {redis: {url: "${redis.url}", key_prefix: shared-hints}}
`
})
