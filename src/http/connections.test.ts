/** Connections that carry no answer while the door closes: what is on its way on them is answered, and none stays open. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { openFakeDoor } from '#tests/support/fake-door.ts'

const request = 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n'
const minuteMs = 60_000

interface Heard {
  readonly socket: Socket
  text(): string
  readonly closed: Promise<unknown>
}

async function open(port: number): Promise<Heard> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  return { socket, text: () => text, closed }
}

/** One on which a request has been answered, and which is kept for the next. */
async function openIdle(port: number): Promise<Heard> {
  const heard = await open(port)
  heard.socket.write(request)
  await once(heard.socket, 'data')
  assert.match(heard.text(), /^HTTP\/1\.1 200 .*connection: keep-alive/is)
  return heard
}

const answersIn = (heard: Heard) => heard.text().match(/HTTP\/1\.1 200 /g)?.length

test('a request that comes on an idle connection after the door began to close is answered, and the connection then closed', async () => {
  const fake = await openFakeDoor(undefined, { settings: { leaveQuietMs: minuteMs } })
  const idle = await openIdle(fake.port)
  const closing = fake.door.close(minuteMs)
  idle.socket.write(request)
  await idle.closed
  assert.equal(answersIn(idle), 2)
  assert.match(idle.text(), /connection: close/i)
  await closing
})

test('a connection on which nothing comes any more, or never anything came, does not hold the door open', async () => {
  const fake = await openFakeDoor()
  const idle = await openIdle(fake.port)
  const unused = await open(fake.port)
  await fake.door.close(minuteMs)
  await Promise.all([idle.closed, unused.closed])
  assert.equal(answersIn(idle), 1)
  assert.equal(unused.text(), '')
})

for (const [kind, openOne] of [
  ['an idle connection', openIdle],
  ['a new connection', open],
] as const) {
  test(`a request that waits unread on ${kind} while its time runs out is answered`, async () => {
    const fake = await openFakeDoor()
    const heard = await openOne(fake.port)
    // The door must know of the connection, which it accepts after the caller is told that it stands.
    await fake.get('/livez')
    const before = answersIn(heard) ?? 0
    const closing = fake.door.close(minuteMs)
    heard.socket.write(request)
    // The time is over before the loop comes to read.
    const until = performance.now() + 50
    while (performance.now() < until);
    await heard.closed
    assert.equal(answersIn(heard), before + 1)
    await closing
  })
}

test('when running requests are ended, nobody is waited for', async () => {
  const fake = await openFakeDoor(undefined, { settings: { leaveQuietMs: 10 * minuteMs } })
  const idle = await openIdle(fake.port)
  await fake.door.close(1)
  await idle.closed
})
