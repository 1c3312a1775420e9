/** The hint board over a real Redis server: what is pinned is read by all, until it ends. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'
import { openRedis } from '#stores/redis/connection.ts'
import { createRedisHintBoard } from '#stores/redis/hint-board.ts'
import { startRedis, whyNoRedis } from '../support/real-redis.ts'

const reason = whyNoRedis()
if (reason !== undefined) {
  test('the hint board in Redis', { skip: reason })
} else {
  const server = await startRedis()
  const connection = await openRedis(
    { url: server.url, commandTimeoutMs: 5_000, connectTimeoutMs: 5_000 },
    (failure) => {
      throw failure
    },
  )
  const open = { kind: 'open', of: 'openai/gpt-4o', track: '@eu#KEY' } as const

  test('what one instance pins, others read with the time that is left', async () => {
    const [one, other] = [1, 2].map(() => createRedisHintBoard(connection, { keyPrefix: 'shared' }))
    await one?.pin({ ...open, forMs: 60_000 })
    await one?.pin({ kind: 'key-rest', of: 'openai', track: '#KEY', forMs: 30_000 })
    const heard = (await other?.read()) ?? []
    assert.deepEqual(
      heard.map(({ kind, of, track }) => [kind, of, track]),
      [
        ['key-rest', 'openai', '#KEY'],
        ['open', 'openai/gpt-4o', '@eu#KEY'],
      ],
    )
    for (const { forMs } of heard) assert.ok(forMs > 0 && forMs <= 60_000)
  })

  test('a hint that is pinned again ends at the later moment, and none outlives its time', async () => {
    const board = createRedisHintBoard(connection, { keyPrefix: 'ends' })
    await board.pin({ ...open, forMs: 60_000 })
    const [before] = await board.read()
    await board.pin({ ...open, forMs: 5 })
    assert.deepEqual(
      (await board.read()).map(({ untilMs }) => untilMs),
      [before?.untilMs],
    )
    await board.pin({ ...open, of: 'brief', forMs: 5 })
    await eventually(async () => assert.equal((await board.read()).length, 1))
    const brief = createRedisHintBoard(connection, { keyPrefix: 'brief' })
    await brief.pin({ ...open, forMs: 5 })
    await eventually(async () => assert.equal(await connection.call('EXISTS', '{brief:hints}:tracks'), 0))
  })

  test('what else stands at its place is no hint, and no instance can fill the server with hints', async () => {
    const board = createRedisHintBoard(connection, { keyPrefix: 'full' })
    await connection.call('ZADD', '{full:hints}:tracks', Date.now() + 60_000, 'nonsense')
    await connection.call('ZADD', '{full:hints}:tracks', Date.now() + 60_000, '["close","a",""]')
    assert.deepEqual(await board.read(), [])
    await board.pin({ ...open, of: 'x'.repeat(5_000), forMs: 60_000 })
    for (let made = 0; made < 1_010; made++)
      await board.pin({ ...open, of: `m${made}`, forMs: 100_000 + made })
    assert.equal((await board.read()).length, 1_000)
  })

  after(async () => {
    await connection.close()
    await server.stop()
  })
}
