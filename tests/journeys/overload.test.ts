/** A process that has too much to do: who is turned away, how cheaply, and that it ends. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { watchOwnLoad } from '#composition/load-signals.ts'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const settings = 'cache: {enabled: false}\nsimulation: {first_token_ms: 0, tokens_per_second: 1000}\n'
const question = { prompt: 'Hello', max_tokens: 4 }
const withPriority = (priority: string) => ({ 'x-signalbox-priority': priority })

const levelOf = async (house: RunningHouse) =>
  ((await (await house.get('/health/detailed')).json()) as { readonly load: { readonly level: number } }).load
    .level

test('each level turns away its own, in the words of the API that was called, and calm lets them in again', async (context) => {
  let reading = { loopDelayMs: 0, memoryShare: 0 }
  const house = await startHouse({ yaml: settings, readLoad: () => reading })
  context.after(() => house.close())
  const statusOf = async (headers: Record<string, string>) => {
    const response = await house.post('/v1/generate', question, headers)
    await response.arrayBuffer()
    return response.status
  }
  reading = { loopDelayMs: 0, memoryShare: 0.82 }
  await eventually(async () => assert.equal(await levelOf(house), 1))
  assert.equal(await statusOf(withPriority('batch')), 503)
  assert.equal(await statusOf({}), 200)

  reading = { loopDelayMs: 700, memoryShare: 0 }
  await eventually(async () => assert.equal(await levelOf(house), 3))
  assert.equal(await statusOf(withPriority('critical')), 200)
  const messages = [{ role: 'user', content: 'Hello' }]
  const refused = await house.post('/v1/chat/completions', { model: 'auto', messages })
  assert.equal(refused.status, 503)
  assert.equal(refused.headers.get('retry-after'), '2')
  assert.match(await refused.text(), /"error":\{[^}]*"code":"overloaded"/)
  const anthropic = await house.post('/v1/messages', { model: 'auto', max_tokens: 9, messages })
  assert.equal(anthropic.status, 529)
  assert.match(await anthropic.text(), /"type":"overloaded_error"/)
  assert.match(await (await house.get('/metrics')).text(), /^signalbox_load_level 3$/m)
  assert.match(await (await house.get('/metrics')).text(), /^signalbox_shed_requests_total 3$/m)

  reading = { loopDelayMs: 0, memoryShare: 0 }
  await eventually(async () => assert.equal(await levelOf(house), 0))
  assert.equal(await statusOf(withPriority('batch')), 200)
})

test('a request that is turned away is answered before its body has come', async (context) => {
  const house = await startHouse({ yaml: settings, readLoad: () => ({ loopDelayMs: 700, memoryShare: 0 }) })
  context.after(() => house.close())
  await eventually(async () => assert.equal(await levelOf(house), 3))
  const { port } = new URL(house.address)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(
    'POST /v1/generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n',
  )
  const { promise, resolve } = Promise.withResolvers<string>()
  socket.once('data', (bytes: Buffer) => resolve(bytes.toString()))
  assert.match(await promise, /^HTTP\/1\.1 503 [\s\S]*"code":"overloaded"/)
  // A connection on which a body is still to come would be waited for at the end.
  socket.destroy()
})

test('a priority that the key may not use is lowered, and the answer says so; one that does not exist is refused', async (context) => {
  const house = await startHouse({
    yaml: 'cache: {enabled: false}\naccess: {require_key: true}\nsimulation: {enabled: true}\n',
    environment: { ADMIN_API_KEY: adminKey },
  })
  context.after(() => house.close())
  const shownWith = async (wish: object, priority: string) => {
    const { secret } = await makeKey(house, { tenant_id: 'acme', ...wish })
    const response = await house.post('/v1/generate', question, {
      ...bearer(secret),
      ...withPriority(priority),
    })
    assert.equal(response.status, 200, await response.text())
    return response.headers.get('x-signalbox-priority')
  }
  assert.equal(await shownWith({}, 'critical'), 'normal')
  assert.equal(await shownWith({}, 'batch'), null)
  assert.equal(await shownWith({ limits: { priority_max: 'critical' } }, 'critical'), null)
  assert.equal(await shownWith({ limits: { priority_max: 'batch' } }, 'normal'), 'batch')
  const wrong = await house.post('/v1/generate', question, { ...bearer(adminKey), ...withPriority('urgent') })
  assert.equal(wrong.status, 400)
  assert.match(await wrong.text(), /"param":"x-signalbox-priority"/)
})

test('a blocked event loop is noticed, and forgotten when it runs again', async (context) => {
  const own = watchOwnLoad()
  // Asked for its own signs alone: this machine's other work is no part of the test.
  let isBlocking = true
  const read = () => (isBlocking ? own.read() : { loopDelayMs: 0, memoryShare: 0 })
  const house = await startHouse({ yaml: settings, readLoad: read })
  context.after(async () => {
    await house.close()
    own.close()
  })
  await eventually(async () => {
    const untilMs = performance.now() + 600
    while (performance.now() < untilMs);
    // One turn for the house to look at its load.
    await sleep(20)
    assert.equal(await levelOf(house), 3)
  })
  const refused = await house.post('/v1/generate', question)
  assert.equal(refused.status, 503, await refused.text())
  const served = await house.post('/v1/generate', question, withPriority('critical'))
  assert.equal(served.status, 200, await served.text())
  isBlocking = false
  await eventually(async () => assert.equal((await house.post('/v1/generate', question)).status, 200))
})
