/** Several keys of one provider as one pool: a key that is limited or refused is left for another, unseen by the caller. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { JsonValue } from '#core/domain/json.ts'
import { catalogueFile } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, rowsOf, soonWritten } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const keys = { FIRST_KEY: 'sk-first-of-this-test', SPARE_KEY: 'sk-spare-of-this-test' }
const good = goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8')
const goodStream = goldenRecording('openai-chat', 'azure-chat-async-streaming-80128189')

function refusing(status: number, body: JsonValue, headers = {}): Recording {
  const reply = { status, headers: { 'content-type': 'application/json', ...headers }, body }
  return { ...good, name: `a reply of ${status}`, reply, expect: { outcome: 'error' } }
}
const limited = refusing(
  429,
  { error: { message: 'Slow down.', code: 'rate_limit_exceeded' } },
  { 'retry-after': '600' },
)
const revoked = refusing(401, { error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' } })
const tooLong = refusing(400, { error: { message: 'Too long.', code: 'context_length_exceeded' } })

describe('a pool of two keys', () => {
  let provider: ReplayingProvider
  let house: RunningHouse
  let asked: string[] = []
  let whatBefalls = new Map<string, Recording>()

  beforeEach(() => {
    asked = []
    whatBefalls = new Map()
  })
  before(async () => {
    provider = await startReplayingProvider({
      recording({ headers, isStreamed }) {
        const key = headers['authorization']?.replace('Bearer ', '') ?? ''
        const name = Object.entries(keys).find(([, value]) => value === key)?.[0] ?? 'another key'
        asked.push(name)
        return whatBefalls.get(name) ?? (isStreamed ? goodStream : good)
      },
    })
  })
  after(() => provider.close())

  /** Each case in a house of its own, for what cools down in one would cool on in the next. */
  const inHouse = async (check: () => Promise<void>) => {
    const yaml = `${soonWritten}cache: {enabled: false}
resilience: {retry_base_ms: 1, attempts_per_target: 1}
providers:
  openai: {base_url: "${provider.baseUrl('openai-chat')}", keys: [{key: FIRST_KEY, weight: 1}, {key: SPARE_KEY, weight: 0}]}
catalog: {file: ${catalogueFile}}
`
    house = await startHouse({ yaml, environment: { ...keys, OPENAI_API_KEY: 'sk-not-in-the-pool' } })
    try {
      await check()
      await assertNothingHeld(house)
    } finally {
      await house.close()
    }
  }
  const ask = (stream = false) =>
    house.post(stream ? '/v1/generate/stream' : '/v1/generate', {
      prompt: 'Go on.',
      model: 'talking-gpt',
      max_tokens: 500,
    })
  const answered = async (): Promise<string> => {
    const response = await ask()
    const text = await response.text()
    assert.equal(response.status, 200, text)
    return (JSON.parse(text) as { readonly id: string }).id
  }

  for (const [told, refusal, problem] of [
    ['is limited', limited, 'provider_rate_limited'],
    ['was revoked', revoked, 'provider_auth'],
  ] as const) {
    it(`leaves a key that ${told} for the other, at once and for all requests after it`, () =>
      inHouse(async () => {
        whatBefalls.set('FIRST_KEY', refusal)
        const rows = await rowsOf(house, await answered())
        assert.deepEqual(
          rows.map(({ kind, problem: code, cost_nano_usd: cost }) => [kind, code, cost > 0]),
          [
            ['failed', problem, false],
            ['charge', null, true],
          ],
        )
        await answered()
        assert.equal((await ask(true)).status, 200)
        assert.deepEqual(asked, ['FIRST_KEY', 'SPARE_KEY', 'SPARE_KEY', 'SPARE_KEY'])
      }))
  }

  it('tells operators which key cools down, by its name and never by itself', () =>
    inHouse(async () => {
      whatBefalls.set('FIRST_KEY', limited)
      await answered()
      const health = await (await house.get('/health/detailed')).text()
      const { targets } = JSON.parse(health) as {
        readonly targets: readonly {
          readonly credential: string
          readonly cools_down_ms: number
          readonly breaker: string
        }[]
      }
      const first = targets.find(({ credential }) => credential === 'FIRST_KEY')
      assert.ok(first && first.cools_down_ms > 500_000 && first.breaker === 'closed', health)
      const metrics = await (await house.get('/metrics')).text()
      const labels = 'provider="openai",model="talking-gpt-2026",region="",credential="FIRST_KEY"'
      for (const part of labels.split(',')) assert.ok(metrics.includes(part), part)
      assert.match(metrics, /signalbox_track_cool_down_seconds\{[^}]*FIRST_KEY[^}]*\} 5\d\d/)
      assert.match(metrics, /signalbox_retries_total 1\n/)
      for (const key of Object.values(keys)) assert.ok(!health.includes(key) && !metrics.includes(key))
    }))

  it('whose keys are all limited passes the wait on, and is asked again all the same', () =>
    inHouse(async () => {
      whatBefalls.set('FIRST_KEY', limited).set('SPARE_KEY', limited)
      const response = await ask()
      await response.arrayBuffer()
      assert.equal(response.status, 429)
      assert.equal(response.headers.get('retry-after'), '600')
      assert.equal(asked.length, 2)
      whatBefalls.clear()
      await answered()
    }))

  it('does not carry a request around that is itself at fault', () =>
    inHouse(async () => {
      whatBefalls.set('FIRST_KEY', tooLong)
      const response = await ask()
      await response.arrayBuffer()
      assert.equal(response.status, 400)
      assert.deepEqual(asked, ['FIRST_KEY'])
    }))
})
