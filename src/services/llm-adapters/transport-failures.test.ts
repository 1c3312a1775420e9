import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '#core/domain/problem.ts'
import type { Behaviour } from '#tests/support/scripted-upstream.ts'
import { answer, isProblem, textOf, transportHouse as house } from '#tests/support/transport-house.ts'

test('a provider that does not begin in time is left', async (context) => {
  const { upstream, send } = await house(context, () => undefined)
  await assert.rejects(send({ deadlines: { firstTokenMs: 40 } }), isProblem('provider_timeout'))
  await upstream.allClosed()
})

test('a provider that falls silent is left after the wait that the reader allows', async (context) => {
  const { upstream, send } = await house(context, (response) => {
    response.writeHead(200).write('first')
  })
  const reply = await send({ deadlines: { idleMs: 40 } })
  assert.equal(String(await reply.next()), 'first')
  await assert.rejects(reply.next(), isProblem('provider_timeout'))
  const other = await send()
  await other.next()
  await assert.rejects(other.next(40), isProblem('provider_timeout'))
  await upstream.allClosed()
})

test('a provider that goes on and on is left when the time for the whole is over', async (context) => {
  const { send } = await house(context, (response) => {
    response.writeHead(200)
    const ticking = setInterval(() => response.write('.'), 5)
    response.on('close', () => clearInterval(ticking))
  })
  const reply = await send({ deadlines: { totalMs: 100 } })
  await assert.rejects(reply.whole(), isProblem('provider_timeout'))
})

test('a reader who takes its time loses nothing to the idle deadline', async (context) => {
  const { send } = await house(context, answer)
  const reply = await send({ deadlines: { idleMs: 30 } })
  await pause(120)
  assert.equal(await textOf(reply), '{"ok":true}')
})

test('a caller who leaves closes the connection, before the reply and inside it', async (context) => {
  const silent = await house(context, () => undefined)
  const leaving = new AbortController()
  const sending = assert.rejects(silent.send({ signal: leaving.signal }), isProblem('caller_left'))
  while (silent.upstream.seen.length === 0) await pause(5)
  leaving.abort()
  await sending
  await silent.upstream.allClosed()

  const talking = await house(context, (response) => {
    response.writeHead(200).write('first')
  })
  const leavingLater = new AbortController()
  const reply = await talking.send({ signal: leavingLater.signal })
  await reply.next()
  const reading = assert.rejects(reply.next(), isProblem('caller_left'))
  leavingLater.abort()
  await reading
  await talking.upstream.allClosed()
  await assert.rejects(talking.send({ signal: leaving.signal }), isProblem('caller_left'))
  assert.equal(talking.upstream.seen.length, 1)
})

test('a connection that is refused or broken before the reply is unreachable', async (context) => {
  const reset = await house(context, (response) => response.socket?.destroy())
  await assert.rejects(reset.send(), isProblem('provider_unreachable'))
  const { baseUrl } = reset.upstream
  await reset.upstream.close()
  await assert.rejects(reset.send({ row: { baseUrl } }), isProblem('provider_unreachable'))
  const nowhere = { baseUrl: 'http://name.invalid/v1' }
  await assert.rejects(reset.send({ row: nowhere }), isProblem('provider_unreachable'))
})

test('an answer that breaks off gives what had come and then says that it is cut', async (context) => {
  const behaviours: Behaviour[] = [
    (response) => {
      response.writeHead(200).write('half', () => response.socket?.destroy())
    },
    (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.socket?.destroy())
    },
    (response) => {
      response.writeHead(200).write('half', () => response.socket?.resetAndDestroy())
    },
  ]
  for (const behave of behaviours) {
    const { send } = await house(context, behave)
    await assert.rejects(async () => textOf(await send()), isProblem('stream_cut'))
  }
})

test('what is no HTTP is malformed', async (context) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n\r\n'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const { send } = await house(context, answer)
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await assert.rejects(send({ row: { baseUrl } }), isProblem('provider_malformed'))
})

test('a body above the limit is refused, whole and streamed', async (context) => {
  const large: Behaviour = (response) => {
    response.writeHead(200).end(Buffer.alloc(300_000, 'x'))
  }
  const { upstream, send } = await house(context, large, { streamBytesMax: 200_000 })
  await assert.rejects(async () => (await send()).whole(), isProblem('provider_malformed'))
  const reply = await send()
  const readAll = async () => {
    while ((await reply.next()) !== undefined);
  }
  await assert.rejects(readAll(), isProblem('provider_malformed'))
  await upstream.allClosed()
})

test('closing the transport ends what is still running', async (context) => {
  const { transport, send, upstream } = await house(context, (response) => {
    response.writeHead(200).write('first')
  })
  const reply = await send()
  await reply.next()
  const reading = assert.rejects(reply.next(), (thrown) => thrown instanceof Problem)
  await transport.close()
  await reading
  await upstream.allClosed()
})

test('a handshake that nobody answers holds up no other request to the same origin', async (context) => {
  const { send } = await house(context, answer)
  const asking = Promise.withResolvers<void>()
  let handshakes = 0
  const silent = createServer((socket) => {
    socket.on('error', () => {})
    // Each begins a handshake of its own, which is never answered.
    socket.once('data', () => {
      handshakes += 1
      if (handshakes === 3) asking.resolve()
    })
  })
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const leaving = new AbortController()
  const wish = { row: { baseUrl: `https://127.0.0.1:${port}` }, signal: leaving.signal }
  const sent = Promise.allSettled([send(wish), send(wish), send(wish)])
  await asking.promise
  leaving.abort()
  for (const { status } of await sent) assert.equal(status, 'rejected')
  silent.close()
})
