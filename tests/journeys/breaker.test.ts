/** A provider that fails again and again is left alone, asked for trial after a while, and trusted again. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'
import { openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, rowsOf } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'

const settings = `
cache: {enabled: false}
resilience: {attempts_per_target: 1, breaker: {window_ms: 60000, minimum_requests: 4, failure_rate: 0.5, open_ms: 3000, half_open_trials: 2}}
`
const overloaded = goldenRecording('anthropic-messages', 'documented-anthropic-529')
const good = goldenRecording('anthropic-messages', 'anthropic-stop-settings-anthropic-4be142bb')
const target = 'anthropic/some-claude-20260101'

let stage: ProviderStage
before(async () => {
  stage = await openStage(settings)
})
after(() => stage.close())

interface Health {
  readonly targets: readonly { readonly name: string; readonly breaker: string }[]
}
const stateOf = async (): Promise<string | undefined> => {
  const health = (await (await stage.house.get('/health/detailed')).json()) as Health
  return health.targets.find(({ name }) => name === target)?.breaker
}
const ask = async (more: object = {}) => {
  const response = await stage.house.post('/v1/generate', {
    prompt: 'x',
    model: 'some-claude',
    max_tokens: 50,
    ...more,
  })
  const body = (await response.json()) as {
    readonly id?: string
    readonly provider?: string
    readonly error?: { readonly code: string; readonly request_id: string }
  }
  return { status: response.status, retryAfter: response.headers.get('retry-after'), ...body }
}

it('opens after repeated failures, spares the provider, and closes after good trials', async () => {
  stage.play(overloaded)
  for (let round = 0; round < 4; round++) assert.equal((await ask()).error?.code, 'provider_overloaded')
  assert.equal(await stateOf(), 'open')

  const refused = await ask()
  assert.equal(refused.status, 503)
  assert.equal(refused.error?.code, 'circuit_open')
  assert.ok(Number(refused.retryAfter) >= 1)
  assert.equal(stage.received().length, 4, 'an open breaker asks nobody')
  const rows = await rowsOf(stage.house, refused.error?.request_id ?? '')
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    ['refused'],
  )

  stage.play(goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8'))
  const fallback = await ask({ fallbacks: ['talking-gpt'] })
  assert.equal(fallback.provider, 'openai')

  stage.play(overloaded)
  await eventually(async () => assert.equal(await stateOf(), 'half-open'))
  assert.equal((await ask()).error?.code, 'provider_overloaded', 'a failed trial')
  assert.equal(await stateOf(), 'open')

  stage.play(good)
  await eventually(async () => assert.equal(await stateOf(), 'half-open'))
  assert.equal((await ask()).status, 200)
  assert.equal((await ask()).status, 200)
  assert.equal(await stateOf(), 'closed')
  await assertNothingHeld(stage.house)
})
