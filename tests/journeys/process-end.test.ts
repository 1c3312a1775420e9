/** Ending Signalbox: gently, so that a running stream ends whole, or by force, so that no money is lost. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { readRecords } from '#tests/journeys/records.ts'

/** Slow enough that a signal comes in the middle of an answer. */
const slow = 'simulation: {first_token_ms: 0, tokens_per_second: 12}\nanalytics: {flush_ms: 20}\n'
/** So slow that no answer ends before its test does. */
const endless = 'simulation: {first_token_ms: 0, tokens_per_second: 2}\nanalytics: {flush_ms: 20}\n'
const question = { prompt: 'Speak slowly.', model: 'claude-sonnet-5', user_id: 'ann', cache: false }

/** A stream that has begun: what came first, and the rest once it is over. */
async function beginStream(address: string) {
  const response = await postJson(`${address}/v1/generate/stream`, question)
  assert.equal(response.status, 200)
  assert.ok(response.body)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  const first = (await reader.read()).value ?? ''
  const rest = async () => {
    let text = first
    for (let step = await reader.read(); !step.done; step = await reader.read()) text += step.value
    return text
  }
  return { first, rest, requestId: response.headers.get('x-request-id') }
}

describe('an order to stop', { concurrency: 2 }, () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`(${signal}) lets a running stream end whole, takes nothing new, and ends with 0`, async (test) => {
      const place = openWorkplace(test)
      place.writeSettings(slow)
      const service = place.start({ environment: { CONFIG_FILE: place.settingsFile } })
      const address = await service.address()
      const stream = await beginStream(address)
      service.kill(signal)
      await eventually(() => assert.match(service.stdout(), /stopping: running requests may end/))
      const late = await fetch(`${address}/readyz`).then(
        async (response) => [response.status, await response.text()] as const,
        () => 'refused' as const,
      )
      if (late !== 'refused') {
        assert.equal(late[0], 503)
        assert.match(late[1], /draining/)
      }
      const text = await stream.rest()
      assert.ok(text.length > stream.first.length, 'there was more to come')
      assert.match(text, /^This is a simulated answer .*\.$/s)
      assert.deepEqual(await service.ending, { code: 0, signal: null })
      assert.match(service.stdout(), /"msg":"stopped"/)
      const { rows, heldNanoUsd } = readRecords(place.dataDir)
      assert.deepEqual(
        rows.map(({ kind, finish, problem }) => [kind, finish, problem]),
        [['charge', 'stop', null]],
      )
      assert.equal(heldNanoUsd.size, 0)
    })
  }

  it('is over at once when nothing runs, though clients keep their connections', async (test) => {
    const service = openWorkplace(test).start()
    const address = await service.address()
    assert.equal((await fetch(`${address}/health`)).status, 200)
    service.kill('SIGTERM')
    assert.deepEqual(await service.ending, { code: 0, signal: null })
  })

  it('cuts what is still running after the time for it', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings(`${slow}server: {drain_ms: 300}\n`)
    const service = place.start({ environment: { CONFIG_FILE: place.settingsFile } })
    const stream = await beginStream(await service.address())
    service.kill('SIGTERM')
    await assert.rejects(stream.rest())
    assert.deepEqual(await service.ending, { code: 0, signal: null })
    const { rows, heldNanoUsd } = readRecords(place.dataDir)
    assert.equal(rows.length, 1, 'the cut stream has its row')
    assert.equal(rows[0]?.problem, 'draining')
    assert.ok((rows[0]?.cost_nano_usd ?? 0) > 0)
    assert.equal(heldNanoUsd.size, 0)
  })

  it('tells those whose time is over in the form of their own API, and settles what passed', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings(`${endless}server: {drain_ms: 300}\n`)
    const service = place.start({ environment: { CONFIG_FILE: place.settingsFile } })
    const address = await service.address()
    const messages = [{ role: 'user', content: 'Speak slowly.' }]
    const asking = { model: 'claude-sonnet-5', messages, max_tokens: 500 }
    const whole = postJson(`${address}/v1/chat/completions`, asking)
    const streamed = await postJson(`${address}/v1/chat/completions`, { ...asking, stream: true })
    assert.equal(streamed.status, 200)
    await eventually(async () => {
      const health = (await (await fetch(`${address}/health/detailed`)).json()) as { in_flight: number }
      assert.equal(health.in_flight, 2)
    })
    service.kill('SIGTERM')
    const text = await streamed.text()
    assert.match(text, /"delta":\{[^}]*"content":"/)
    assert.match(text, /"error":\{[^\n]*"code":"draining"/)
    assert.doesNotMatch(text, /\[DONE\]/)
    const refused = await whole
    assert.equal(refused.status, 503)
    assert.match(await refused.text(), /"draining"/)
    assert.deepEqual(await service.ending, { code: 0, signal: null })
    const { rows, heldNanoUsd } = readRecords(place.dataDir)
    assert.deepEqual(
      rows.map(({ kind, problem }) => [kind, problem]),
      [
        ['charge', 'draining'],
        ['charge', 'draining'],
      ],
    )
    assert.equal(heldNanoUsd.size, 0)
  })

  it('still takes new connections for the time of its notice, and says on /readyz that it leaves', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings('server: {leave_notice_ms: 60000}\n')
    const service = place.start({ environment: { CONFIG_FILE: place.settingsFile } })
    const address = await service.address()
    assert.equal((await fetch(`${address}/readyz`)).status, 200)
    service.kill('SIGTERM')
    await eventually(async () => assert.equal((await fetch(`${address}/readyz`)).status, 503))
    const answer = await postJson(`${address}/v1/generate`, { ...question, max_tokens: 3 })
    assert.equal(answer.status, 200, await answer.text())
    assert.equal(answer.headers.get('connection'), 'close')
    assert.equal((await fetch(`${address}/livez`)).headers.get('connection'), 'close')
  })

  it('given twice ends what runs at once, with every bill written', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings(endless)
    const service = place.start({ environment: { CONFIG_FILE: place.settingsFile } })
    const stream = await beginStream(await service.address())
    service.kill('SIGTERM')
    const ended = assert.rejects(stream.rest())
    // A second signal within the same second may be the same Ctrl-C, passed on by a launcher.
    await sleep(1_500)
    service.kill('SIGTERM')
    assert.deepEqual(await service.ending, { code: 130, signal: null })
    await ended
    const { rows, heldNanoUsd } = readRecords(place.dataDir)
    assert.deepEqual(
      rows.map(({ kind, problem }) => [kind, problem]),
      [['charge', 'draining']],
    )
    assert.equal(heldNanoUsd.size, 0)
  })
})

describe('a death by SIGKILL in the middle of a stream', () => {
  it('costs what was held, and the next start opens the same books', async (test) => {
    const place = openWorkplace(test)
    place.writeSettings(slow)
    const environment = { CONFIG_FILE: place.settingsFile }
    const first = place.start({ environment })
    const stream = await beginStream(await first.address())
    const held = readRecords(place.dataDir).heldNanoUsd.get(stream.requestId ?? '')
    assert.ok(held !== undefined && held > 0, 'the stream holds money')
    first.kill('SIGKILL')
    assert.equal((await first.ending).signal, 'SIGKILL')
    await assert.rejects(stream.rest())

    const second = place.start({ environment })
    const address = await second.address()
    const { heldNanoUsd, spentNanoUsd } = readRecords(place.dataDir)
    assert.equal(heldNanoUsd.size, 0)
    assert.equal(spentNanoUsd.get('user:default/ann'), held)
    assert.equal(spentNanoUsd.get('tenant:default'), held)
    const answer = await postJson(`${address}/v1/generate`, { ...question, max_tokens: 3 })
    assert.equal(answer.status, 200, await answer.text())
  })
})
