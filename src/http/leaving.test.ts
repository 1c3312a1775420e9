/** The door when it is full, when something inside fails, and when it closes. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import {
  adminKey,
  goodKey,
  openFakeDoor,
  streamReply,
  textEvents,
  wholeReply,
} from '#tests/support/fake-door.ts'
import { nextTurn, rawHttp } from '#tests/support/raw-http.ts'

interface Failure {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly param?: string
    readonly mend?: string
    readonly nearest?: readonly string[]
    readonly request_id?: string
    readonly type?: string
  }
}
const failureOf = async (response: Response) => ((await response.json()) as Failure).error

describe('limits and leaving', () => {
  test('in development mode metrics need no key', async (t) => {
    const fake = await openFakeDoor(undefined, { settings: { mode: 'development' } })
    t.after(() => fake.close())
    assert.equal((await fake.get('/metrics', {})).status, 200)
  })

  test('an error that nobody foresaw is logged, and nothing of it is shown', async (t) => {
    const fake = await openFakeDoor(() => {
      throw new Error('secret detail')
    })
    t.after(() => fake.close())
    for (const path of ['/v1/generate', '/v1/chat/completions']) {
      const body = { prompt: 'Hi', messages: undefined }
      const response = await fake.post(
        path,
        path.endsWith('generate') ? body : { messages: [{ role: 'user', content: 'Hi' }] },
      )
      assert.equal(response.status, 500)
      const text = await response.text()
      assert.doesNotMatch(text, /secret/)
      assert.match(text, /internal_error/)
    }
    assert.equal(fake.logged.filter((line) => line.includes('secret detail')).length, 2)
  })

  test('requests past the number that may run at once are refused with a time to come back', async (t) => {
    const gate = Promise.withResolvers<undefined>()
    const fake = await openFakeDoor(
      async (asked) => {
        await gate.promise
        return wholeReply(asked)
      },
      { settings: { requestsInFlightMax: 1 } },
    )
    t.after(() => fake.close())
    const first = fake.post('/v1/generate', { prompt: 'Hi' })
    while (fake.asked.length === 0) await nextTurn()
    const second = await fake.post('/v1/generate', { prompt: 'Hi' })
    assert.equal(second.status, 503)
    assert.equal(second.headers.get('retry-after'), '1')
    assert.equal(second.headers.get('retry-after-ms'), '1000')
    assert.equal((await failureOf(second)).code, 'overloaded')
    gate.resolve(undefined)
    assert.equal((await first).status, 200)
    assert.equal((await fake.post('/v1/generate', { prompt: 'Hi' })).status, 200)
  })

  test('a leaving door says so to balancers and still answers', async (t) => {
    const fake = await openFakeDoor()
    t.after(() => fake.close())
    assert.equal((await fake.get('/readyz')).status, 200)
    fake.door.announceLeaving()
    const ready = await fake.get('/readyz')
    assert.equal(ready.status, 503)
    assert.deepEqual(await ready.json(), { status: 'draining' })
    const answered = await fake.post('/v1/generate', { prompt: 'Hi' })
    assert.equal(answered.status, 200)
    assert.equal(answered.headers.get('connection'), 'close')
    assert.equal((await fake.get('/livez')).status, 200)
  })

  test('a closing door lets an open stream end, and answers what still comes on its connection, which it then closes', async () => {
    const gate = Promise.withResolvers<undefined>()
    const gateOpen = Promise.withResolvers<undefined>()
    const [start = [], first = [], ...rest] = textEvents('one ', 'two')
    const fake = await openFakeDoor((asked) => streamReply(asked, [start, first, gate.promise, ...rest]))
    const body = '{"prompt":"Hi"}'
    const seen = rawHttp(
      fake.port,
      `POST /v1/generate/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${goodKey}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      { next: 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n', after: gateOpen },
    )
    while (fake.asked.length === 0) await nextTurn()
    const closing = fake.door.close(5_000)
    gateOpen.resolve(undefined)
    await nextTurn()
    gate.resolve(undefined)
    const text = await seen
    assert.match(text, /one [\s\S]*two[\s\S]*0\r\n\r\nHTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*ok/i)
    await closing
  })

  test('a stream that does not end in time is cut when the door closes', async () => {
    const [start = [], first = []] = textEvents('one ')
    const { promise: never } = Promise.withResolvers<undefined>()
    const fake = await openFakeDoor((asked) => streamReply(asked, [start, first, never]))
    const response = await fake.post('/v1/generate/stream', { prompt: 'Hi' })
    await fake.door.close(20)
    await assert.rejects(response.text())
    while (fake.asked[0]?.signal.aborted !== true) await nextTurn()
  })

  test('only named origins may call from a web page', async (t) => {
    const fake = await openFakeDoor(undefined, { settings: { allowedOrigins: ['https://app.example'] } })
    t.after(() => fake.close())
    const preflight = (origin: string) =>
      fetch(`${fake.url}/v1/generate`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-api-key',
        },
      })
    const allowed = await preflight('https://app.example')
    assert.equal(allowed.status, 204)
    assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://app.example')
    const other = await preflight('https://evil.example')
    assert.equal(other.status, 405)
    assert.equal(other.headers.get('access-control-allow-origin'), null)
    const answered = await fake.post('/v1/generate', { prompt: 'Hi' }, { origin: 'https://app.example' })
    assert.equal(answered.headers.get('access-control-allow-origin'), 'https://app.example')
    assert.equal(answered.headers.get('x-signalbox-provider'), 'acme')
  })
})

test('a body that does not arrive in time is answered and its connection closed', async (t) => {
  const fake = await openFakeDoor(undefined, { settings: { requestTimeoutMs: 200, headersTimeoutMs: 200 } })
  t.after(() => fake.close())
  const head =
    `POST /v1/generate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${goodKey}\r\n` +
    'content-type: application/json\r\ncontent-length: 100\r\n\r\n'
  assert.match(await rawHttp(fake.port, `${head}{"prompt"`), /^HTTP\/1\.1 408 [\s\S]*request_timeout/)
  assert.match(await rawHttp(fake.port, 'POST /v1/generate HTTP/1.1\r\nhost: x\r\n'), /^HTTP\/1\.1 408 /)
  assert.equal(fake.asked.length, 0)
  assert.deepEqual(fake.logged, [])
})

test('a caller who leaves in the middle of its body is forgotten without a word', async (t) => {
  const fake = await openFakeDoor()
  t.after(() => fake.close())
  const socket = connect(fake.port, '127.0.0.1')
  socket.write(
    `POST /v1/generate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${goodKey}\r\n` +
      'content-type: application/json\r\ncontent-length: 100\r\n\r\n{"prompt"',
  )
  await nextTurn()
  socket.destroy()
  await nextTurn()
  const details = await fake.get('/health/detailed', { authorization: `Bearer ${adminKey}` })
  assert.equal(((await details.json()) as { in_flight: number }).in_flight, 0)
  assert.deepEqual(fake.logged, [])
})
