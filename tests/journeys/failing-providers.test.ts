/** Providers that fail, one way at a time: tried again, left for another, cut short, and always settled once. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { JsonValue } from '#core/domain/json.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { readEvents } from '#tests/journeys/event-stream.ts'
import { openStage } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, endingRow, rowsOf } from '#tests/journeys/records.ts'
import { goldenRecording } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'

const settings = `
cache: {enabled: false}
rescue: {policy: error}
resilience: {attempts_per_target: 2, retry_base_ms: 1, retry_max_ms: 20, first_token_ms: 2000, idle_ms: 2000, cool_down: {max_ms: 0}, breaker: {minimum_requests: 1000000}}
`
const good = goldenRecording('openai-chat', 'openai-openai-chat-prompt-cache-e2e-b4589aa8')
const goodStream = goldenRecording('openai-chat', 'azure-chat-async-streaming-80128189')
const goodClaude = goldenRecording('anthropic-messages', 'anthropic-stop-settings-anthropic-4be142bb')

function replying(status: number, body: JsonValue, headers = {}): Recording {
  const reply = { status, headers: { 'content-type': 'application/json', ...headers }, body }
  return { ...good, name: `a reply of ${status}`, reply, expect: { outcome: 'error' } }
}
const broken = replying(500, { error: { message: 'The server had an error.', type: 'server_error' } })
const limited = (headers = {}) =>
  replying(429, { error: { message: 'Slow down.', code: 'rate_limit_exceeded' } }, headers)

interface Generated {
  readonly id: string
  readonly model: string
  readonly response: string
  readonly routing: { readonly attempts: number; readonly reason: string }
}
interface Refused {
  readonly code: string
  readonly request_id: string
  readonly facts?: { readonly attempts?: readonly { readonly target: string; readonly code: string }[] }
}

let stage: ProviderStage
before(async () => {
  stage = await openStage(settings)
})
after(() => stage.close())
beforeEach(() => stage.play(good))

const ask = (more: object = {}, signal?: AbortSignal) =>
  fetch(`${stage.house.address}/v1/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'Go on.', model: 'talking-gpt', max_tokens: 500, ...more }),
    signal: signal ?? null,
  })
const stream = (accept = 'text/event-stream', signal?: AbortSignal) =>
  fetch(`${stage.house.address}/v1/generate/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ prompt: 'Go on.', model: 'talking-gpt', max_tokens: 500 }),
    signal: signal ?? null,
  })

async function answered(response: Response): Promise<Generated> {
  const text = await response.text()
  assert.equal(response.status, 200, text)
  return JSON.parse(text) as Generated
}
async function refused(response: Response, status: number, code: string): Promise<Refused> {
  const { error } = (await response.json()) as { readonly error: Refused }
  assert.equal(error.code, code)
  assert.equal(response.status, status)
  return error
}
const kindsOf = async (requestId: string) => (await rowsOf(stage.house, requestId)).map(({ kind }) => kind)

describe('a provider that fails before it answers', () => {
  it('once is asked again, and the failure is not billed', async () => {
    stage.play(broken, good)
    const answer = await answered(await ask())
    assert.equal(answer.routing.attempts, 2)
    assert.equal(stage.received().length, 2)
    const rows = await rowsOf(stage.house, answer.id)
    assert.deepEqual(
      rows.map(({ kind, attempt }) => [kind, attempt]),
      [
        ['failed', 1],
        ['charge', 2],
      ],
    )
    assert.equal(rows[0]?.cost_nano_usd, 0)
    assert.equal(rows[0]?.problem, 'provider_error')
    await assertNothingHeld(stage.house)
  })

  it('twice is given up, and the failure told', async () => {
    stage.play(broken)
    const error = await refused(await ask(), 502, 'provider_error')
    assert.deepEqual((await kindsOf(error.request_id)).sort(), ['failed', 'failed', 'refused'])
    await assertNothingHeld(stage.house)
  })

  it('with a long retry-after is left for the fallback that the request names', async () => {
    stage.play(limited({ 'retry-after': '30' }), goodClaude)
    const answer = await answered(await ask({ fallbacks: ['some-claude'] }))
    assert.equal(answer.model, 'some-claude')
    assert.equal(answer.response, goodClaude.expect.text)
    assert.deepEqual(
      stage.received().map(({ dialect }) => dialect),
      ['openai-chat', 'anthropic-messages'],
    )
    const rows = await rowsOf(stage.house, answer.id)
    assert.deepEqual(
      rows.map(({ kind, provider }) => [kind, provider]),
      [
        ['failed', 'openai'],
        ['charge', 'anthropic'],
      ],
    )
    await assertNothingHeld(stage.house)
  })

  it('with a long retry-after and nobody else passes the delay on', async () => {
    stage.play(limited({ 'retry-after': '30' }))
    const response = await ask()
    assert.equal(response.headers.get('retry-after'), '30')
    await refused(response, 429, 'provider_rate_limited')
    assert.equal(stage.received().length, 1, 'nobody waits 30 seconds')
  })

  it('like every other, is told with the reason of each', async () => {
    stage.play(
      limited({ 'retry-after': '30' }),
      replying(529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    )
    const error = await refused(await ask({ fallbacks: ['some-claude'] }), 502, 'all_targets_failed')
    assert.deepEqual(
      error.facts?.attempts?.map(({ target, code }) => `${target} ${code}`),
      [
        'openai/talking-gpt-2026 provider_rate_limited',
        'anthropic/some-claude-20260101 provider_overloaded',
        'anthropic/some-claude-20260101 provider_overloaded',
      ],
    )
    await assertNothingHeld(stage.house)
  })

  it('with a success that holds an error is not believed', async () => {
    stage.play(replying(200, { error: { message: 'No capacity.', code: 'engine_overloaded' } }))
    const error = await refused(await ask(), 503, 'provider_overloaded')
    assert.ok(!(await kindsOf(error.request_id)).includes('charge'))
  })

  for (const status of [200, 502]) {
    it(`with a page of HTML and status ${status} is not believed either`, async () => {
      const page = '<!doctype html><html><body><h1>Bad gateway</h1></body></html>'
      stage.play(replying(status, page, { 'content-type': 'text/html' }))
      const response = await ask()
      assert.equal(response.status, 502)
      const { error } = (await response.json()) as { readonly error: Refused & { readonly message: string } }
      assert.doesNotMatch(error.message, /<html/)
      assert.ok(!(await kindsOf(error.request_id)).includes('charge'))
      await assertNothingHeld(stage.house)
    })
  }

  it('silent beyond the deadline is not waited for', async () => {
    const gate = Promise.withResolvers<void>()
    stage.play({ recording: goodStream, beforeHead: () => gate.promise })
    await refused(await stream(), 504, 'provider_timeout')
    await eventually(async () => assert.equal(await stage.received()[0]?.ending, 'broken'))
    gate.resolve()
    await assertNothingHeld(stage.house)
  })

  it('silent beyond the time that the caller allows is not waited for', async () => {
    const gate = Promise.withResolvers<void>()
    stage.play({ recording: good, beforeHead: () => gate.promise })
    const response = await ask({ timeout_ms: 100 })
    assert.equal(response.status, 504)
    gate.resolve()
    await assertNothingHeld(stage.house)
  })
})

describe('a provider that fails in the middle of a stream', () => {
  it('falling silent is cut, and what came is paid for', async () => {
    const gate = Promise.withResolvers<void>()
    const beforeChunk = (written: number) => (written >= 4_000 ? gate.promise : undefined)
    stage.play({ recording: goodStream, chunkSizes: [500], beforeChunk })
    const response = await stream()
    const events = readEvents(await response.text())
    const last = events.at(-1)
    assert.equal(last?.name, 'error')
    assert.equal((last.data['error'] as Refused).code, 'provider_timeout')
    gate.resolve()
    const row = await endingRow(stage.house, response.headers.get('x-request-id'))
    assert.equal(row.kind, 'charge')
    assert.equal(row.problem, 'provider_timeout')
    assert.ok(row.cost_nano_usd > 0 && row.is_estimated === 1)
    assert.equal(await stage.received()[0]?.ending, 'broken')
    await assertNothingHeld(stage.house)
  })

  it('is not asked again once something was shown', async () => {
    stage.play(
      { recording: goodStream, chunkSizes: [500], cut: { afterBytes: 5_000, how: 'fin' } },
      goodStream,
    )
    const response = await stream()
    assert.equal(response.status, 200)
    assert.equal(readEvents(await response.text()).at(-1)?.name, 'error')
    assert.equal(stage.received().length, 1)
    await endingRow(stage.house, response.headers.get('x-request-id'))
  })
})

describe('a caller who leaves', () => {
  it('in the middle of a stream closes the way to the provider, and pays for what came', async () => {
    const gate = Promise.withResolvers<void>()
    const beforeChunk = (written: number) => (written >= 3_000 ? gate.promise : undefined)
    stage.play({ recording: goodStream, chunkSizes: [500], beforeChunk })
    const leaving = new AbortController()
    const response = await stream('text/plain', leaving.signal)
    const text = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    assert.notEqual((await text?.read())?.value ?? '', '')
    leaving.abort()
    assert.equal(await stage.received()[0]?.ending, 'broken')
    gate.resolve()
    const row = await endingRow(stage.house, response.headers.get('x-request-id'))
    assert.equal(row.kind, 'charge')
    assert.equal(row.problem, 'caller_left')
    assert.equal(row.status, 499)
    assert.ok(row.output_tokens > 0 && row.cost_nano_usd > 0)
    await assertNothingHeld(stage.house)
  })

  it('before the answer closes the way to the provider, and leaves one row', async () => {
    const gate = Promise.withResolvers<void>()
    stage.play({ recording: good, beforeHead: () => gate.promise })
    const leaving = new AbortController()
    const asked = ask({}, leaving.signal).then(
      () => assert.fail('answered'),
      () => 'left',
    )
    await eventually(() => assert.equal(stage.received().length, 1))
    leaving.abort()
    assert.equal(await asked, 'left')
    assert.equal(await stage.received()[0]?.ending, 'broken')
    gate.resolve()
    await assertNothingHeld(stage.house)
    await answered(await ask())
  })
})
