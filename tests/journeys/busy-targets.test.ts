/** Targets that have enough to do: who waits for a place, who goes elsewhere, and what everybody is told of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertNothingHeld, endingRow, soonWritten } from '#tests/journeys/records.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

const settings = (targets: string) => `
${soonWritten}simulation: {first_token_ms: 0, tokens_per_second: 20}
cache: {enabled: false}
load: {targets: {concurrency_min: 1, concurrency_max: 1, ${targets}}}
routing: {routes: {pair: {targets: [claude-sonnet-5, gpt-5]}}}
`
const question = { prompt: 'Hello', max_tokens: 8 }

interface Load {
  readonly waiting_requests: number
  readonly targets: readonly { readonly name: string; readonly under_way: number; readonly waiting: number }[]
}
const loadOf = async (house: RunningHouse) =>
  ((await (await house.get('/health/detailed')).json()) as { readonly load: Load }).load

const underWay = (house: RunningHouse, count: number) =>
  eventually(async () => {
    const { targets } = await loadOf(house)
    assert.equal(
      targets.reduce((sum, target) => sum + target.under_way, 0),
      count,
    )
  })

test('a request waits for its place at the target and says how long', async (context) => {
  const house = await startHouse({ yaml: settings('queue_wait_ms: 60000') })
  context.after(() => house.close())
  const ask = () => house.post('/v1/generate', { ...question, model: 'claude-sonnet-5' })
  const first = ask()
  await underWay(house, 1)
  const second = ask()
  await eventually(async () => assert.equal((await loadOf(house)).waiting_requests, 1))
  assert.match(await (await house.get('/metrics')).text(), /^signalbox_waiting_requests 1$/m)
  const answers = [await first, await second]
  for (const answer of answers) assert.equal(answer.status, 200, await answer.text())
  assert.equal(answers[0]?.headers.get('x-signalbox-queued-ms'), null)
  const queuedMs = Number(answers[1]?.headers.get('x-signalbox-queued-ms'))
  const overheadMs = Number(answers[1]?.headers.get('x-signalbox-overhead-ms'))
  assert.ok(queuedMs > 0 && overheadMs >= queuedMs, `${overheadMs} >= ${queuedMs}`)
  const metrics = await (await house.get('/metrics')).text()
  assert.match(metrics, /^signalbox_queued_requests_total 1$/m)
  assert.match(metrics, /^signalbox_queue_wait_seconds_total 0\.\d+$/m)
  await assertNothingHeld(house)
  await underWay(house, 0)
})

test('where none may wait the next target is asked, and the last one refuses with a time to come back', async (context) => {
  const house = await startHouse({ yaml: settings('queue_max: 0') })
  context.after(() => house.close())
  const stream = () =>
    house.post('/v1/chat/completions', {
      model: 'pair',
      stream: true,
      max_tokens: 60,
      messages: [{ role: 'user', content: 'Hello' }],
    })
  const first = await stream()
  assert.equal(first.headers.get('x-signalbox-model'), 'claude-sonnet-5')
  const second = await stream()
  assert.equal(second.headers.get('x-signalbox-model'), 'gpt-5')
  const third = await stream()
  assert.equal(third.status, 503)
  assert.equal(third.headers.get('retry-after'), '1')
  assert.match(await third.text(), /"code":"target_busy"/)
  assert.equal((await endingRow(house, third.headers.get('x-request-id'))).cost_nano_usd, 0)
  for (const response of [first, second]) assert.match(await response.text(), /\[DONE\]/)
  await assertNothingHeld(house)
  await underWay(house, 0)
})

test('a caller who leaves while it waits gives up its place in the queue', async (context) => {
  const house = await startHouse({ yaml: settings('queue_wait_ms: 60000') })
  context.after(() => house.close())
  const first = house.post('/v1/generate', { ...question, max_tokens: 40, model: 'claude-sonnet-5' })
  await underWay(house, 1)
  const leaving = new AbortController()
  const second = fetch(`${house.address}/v1/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...question, model: 'claude-sonnet-5' }),
    signal: leaving.signal,
  })
  await eventually(async () => assert.equal((await loadOf(house)).waiting_requests, 1))
  leaving.abort()
  await assert.rejects(second)
  await eventually(async () => assert.equal((await loadOf(house)).waiting_requests, 0))
  assert.equal((await first).status, 200)
  await assertNothingHeld(house)
})
