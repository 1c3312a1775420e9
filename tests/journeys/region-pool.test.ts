/** Two regions of one provider: one that is gone is left for the other at once, and trusted again when it is back. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createLeapingClock } from '#tests/faults/leaping-clock.ts'
import { catalogueFile } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, soonWritten } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const good = goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8')
const failing: Recording = {
  ...good,
  reply: {
    status: 500,
    headers: { 'content-type': 'application/json' },
    body: { error: { message: 'No.' } },
  },
  expect: { outcome: 'error' },
}

/** With its jitter. */
const longestOpenMs = 700_000

describe('two regions of one provider', () => {
  const nearBefalls = { failure: undefined as Recording | undefined }
  const clock = createLeapingClock()
  const asked: string[] = []
  let near: ReplayingProvider
  let far: ReplayingProvider
  let house: RunningHouse

  before(async () => {
    const region = (name: string, befalls: { failure: Recording | undefined }) =>
      startReplayingProvider({
        recording({ headers }) {
          asked.push(`${name} ${headers['authorization'] ?? ''}`)
          return befalls.failure ?? good
        },
      })
    near = await region('near', nearBefalls)
    far = await region('far', { failure: undefined })
    house = await startHouse({
      yaml: `${soonWritten}cache: {enabled: false}
resilience:
  {retry_base_ms: 1, attempts_per_target: 1, breaker: {minimum_requests: 3, open_ms: 600000, open_max_ms: 600000, half_open_trials: 1}}
providers:
  openai:
    regions:
      - {name: near, base_url: "${near.baseUrl('openai-chat')}", weight: 1, keys: [NEAR_KEY]}
      - {name: far, base_url: "${far.baseUrl('openai-chat')}/", weight: 0, keys: [FAR_KEY]}
catalog: {file: ${catalogueFile}}
`,
      environment: { NEAR_KEY: 'sk-near', FAR_KEY: 'sk-far' },
      clock,
    })
  })
  after(async () => {
    await house.close()
    await near.close()
    await far.close()
  })

  const ask = async () => {
    const response = await house.post('/v1/generate', { prompt: 'x', model: 'talking-gpt', max_tokens: 50 })
    assert.equal(response.status, 200, await response.clone().text())
    await response.arrayBuffer()
    return asked.splice(0).map((name) => name.replace('Bearer sk-', ''))
  }
  const stateOfNear = async () => {
    const health = (await (await house.get('/health/detailed')).json()) as {
      readonly targets: readonly {
        readonly region: string
        readonly name: string
        readonly breaker: string
      }[]
    }
    return health.targets.find(({ region }) => region === 'near')
  }

  it('asks each with its own key, and the one that fails only until its breaker is open', async () => {
    assert.deepEqual(await ask(), ['near near'])
    nearBefalls.failure = failing
    assert.deepEqual(await ask(), ['near near', 'far far'])
    assert.deepEqual(await ask(), ['near near', 'far far'])
    const state = await stateOfNear()
    assert.equal(state?.name, 'openai/talking-gpt-2026@near#NEAR_KEY')
    assert.equal(state?.breaker, 'open')
    assert.deepEqual(await ask(), ['far far'])
    await assertNothingHeld(house)
  })

  it('tries the one that failed with a real request, the other standing by, and trusts it again', async () => {
    clock.leap(longestOpenMs)
    assert.equal((await stateOfNear())?.breaker, 'half-open')
    assert.deepEqual(await ask(), ['near near', 'far far'], 'a failed trial is no failed request')
    nearBefalls.failure = undefined
    clock.leap(longestOpenMs)
    assert.equal((await stateOfNear())?.breaker, 'half-open')
    assert.deepEqual(await ask(), ['near near'])
    assert.equal((await stateOfNear())?.breaker, 'closed')
    await assertNothingHeld(house)
  })
})
