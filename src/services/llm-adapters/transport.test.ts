import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { HttpCall } from '#services/llm-adapters/adapter.ts'
import { row } from '#tests/support/routing-house.ts'
import {
  answer,
  call,
  isProblem,
  patient,
  textOf,
  transportHouse as house,
} from '#tests/support/transport-house.ts'

test('a call arrives as it was written and the reply as it was sent', async (context) => {
  const { upstream, send } = await house(context, answer)
  const reply = await send()
  assert.equal(reply.status, 200)
  assert.equal(reply.headers['content-type'], 'application/json')
  assert.equal(reply.headers['x-many'], 'a, b')
  assert.equal(await textOf(reply), '{"ok":true}')
  assert.equal(await reply.next(), undefined)
  const [seen] = upstream.seen
  assert.equal(seen?.path, '/v1/chat/completions?a=1')
  assert.equal(seen?.body, call.body)
  assert.equal(seen?.headers['content-length'], '14')
  assert.equal(seen?.headers['x-extra'], 'yes')
  assert.equal(seen?.headers['accept-encoding'], 'identity')
})

test('the key travels exactly as its row says', async (context) => {
  const { upstream, send } = await house(context, answer)
  const auth = { header: 'x-api-key', prefix: '' }
  for (const wish of [{}, { row: { auth } }, { row: { auth: 'none' as const } }, { secret: undefined }]) {
    await textOf(await send(wish))
  }
  const keys = upstream.seen.map(({ headers }) => [headers.authorization, headers['x-api-key']])
  assert.deepEqual(keys, [
    ['Bearer sk-1', undefined],
    [undefined, 'sk-1'],
    [undefined, undefined],
    [undefined, undefined],
  ])
})

test('a key with characters that no key has is refused, unsent and unshown', async (context) => {
  const { upstream, send } = await house(context, answer)
  for (const secret of ['sk-1\r\nx-evil: 1', 'sk 1', 'schlüssel', '']) {
    await assert.rejects(send({ secret }), (thrown) => {
      isProblem('secret_missing')(thrown)
      assert.ok(secret === '' || !JSON.stringify(thrown).includes(secret))
      return true
    })
  }
  assert.equal(upstream.seen.length, 0)
})

test('what cannot be sent is refused, and harms no later call', async (context) => {
  const { upstream, transport, send } = await house(context, answer, { connectionsPerOrigin: 1 })
  const sendCall = (changes: Partial<HttpCall>) =>
    transport.send(
      { ...call, ...changes },
      {
        provider: row('openai', { baseUrl: upstream.baseUrl }),
        secret: 'sk-1',
        deadlines: patient,
        signal: new AbortController().signal,
      },
    )
  const unsendable: Partial<HttpCall>[] = [
    { path: '/a b' },
    { path: '/a\r\nx: y' },
    { path: '/é' },
    { headers: { 'x-a': 'b\r\nx: y' } },
    { headers: { 'x a': 'b' } },
    { headers: { 'x-a': '€' } },
  ]
  for (const changes of unsendable) await assert.rejects(sendCall(changes), isProblem('invalid_value'))
  assert.equal(await textOf(await send()), '{"ok":true}')
  assert.equal(upstream.seen.length, 1)
})

test('an error status is a reply like any other, and a redirect is followed nowhere', async (context) => {
  const { upstream, send } = await house(context, (response) => {
    response.writeHead(307, { location: '/elsewhere' }).end('moved')
  })
  const reply = await send()
  assert.equal(reply.status, 307)
  assert.equal(await textOf(reply), 'moved')
  assert.equal(upstream.seen.length, 1)
})

test('a reply that is given up closes its connection; after the end that does nothing', async (context) => {
  const { upstream, send } = await house(context, (response) => {
    response.writeHead(200).write('first')
  })
  const reply = await send()
  reply.cancel()
  await upstream.allClosed()
  await assert.rejects(reply.next(), isProblem('caller_left'))
})

test('a drained reply leaves its connection to the next call', async (context) => {
  const { upstream, send } = await house(context, (response) => {
    response.writeHead(200).write('data: [DONE]\n\n')
    setTimeout(() => response.end('rest'), 20)
  })
  for (let time = 0; time < 3; time++) {
    const reply = await send()
    await reply.next()
    reply.drain()
    await pause(60)
  }
  assert.equal(upstream.seen.length, 3)
  assert.equal(upstream.connections(), 1)
})

test('a reader who does not read holds the provider back, and gets everything in the end', async (context) => {
  const bytes = 64 * 1_048_576
  let isAllTaken = false
  const { send } = await house(
    context,
    (response) => {
      response.writeHead(200)
      response.end(Buffer.alloc(bytes, 'x'), () => {
        isAllTaken = true
      })
    },
    { streamBytesMax: bytes },
  )
  const reply = await send()
  await pause(200)
  // Far more than sockets and buffers hold between them: the rest waits at the provider.
  assert.equal(isAllTaken, false)
  let received = 0
  for (let piece = await reply.next(); piece; piece = await reply.next()) received += piece.byteLength
  assert.equal(received, bytes)
})
