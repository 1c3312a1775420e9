/** The contract of the shelf of responses, in the embedded database, a real Redis and a real PostgreSQL. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPostgres } from '#stores/postgres/database.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { createPostgresResponseShelf } from '#stores/postgres/response-shelf.ts'
import { openRedis } from '#stores/redis/connection.ts'
import { createRedisResponseShelf } from '#stores/redis/response-shelf.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteResponseShelf } from '#stores/sqlite/response-shelf.ts'
import { responseShelfContract } from '#tests/contracts/response-shelf-contract.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'

const rethrow = (failure: unknown) => {
  throw failure
}

/** Both databases go by the moment that they are asked with. */
function toldTime() {
  let nowMs = 1_800_000_000_000
  return {
    nowMs: () => nowMs,
    pass: (durationMs: number) => {
      nowMs += durationMs
      return Promise.resolve()
    },
  }
}

responseShelfContract('sqlite', () => ({
  shelf: createSqliteResponseShelf(openDatabase({ file: ':memory:' })),
  ...toldTime(),
}))

test('sqlite shelf of responses: what is over leaves the file', async () => {
  const database = openDatabase({ file: ':memory:' })
  const shelf = createSqliteResponseShelf(database)
  const entry = { tenant: 't', name: 'n', sealed: 's', items: ['i'], nowMs: 0, keepMs: 100, responsesMax: 9 }
  await shelf.put(entry)
  const rows = () =>
    ['stored_responses', 'stored_response_items'].map(
      (table) => database.connection.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'],
    )
  await shelf.prune(99)
  assert.deepEqual(rows(), [1, 1])
  await shelf.prune(100)
  assert.deepEqual(rows(), [0, 0])
})

const noRedis = whyNoRedis()
if (noRedis !== undefined) {
  test('the shelf of responses in Redis', { skip: noRedis })
} else {
  const server = await startRedis()
  const times = { commandTimeoutMs: 5_000, connectTimeoutMs: 5_000 }
  const connection = await openRedis({ url: server.url, ...times }, rethrow)
  let made = 0
  responseShelfContract('redis', () => ({
    shelf: createRedisResponseShelf(connection, { keyPrefix: `test${(made += 1)}` }),
    nowMs: () => Date.now(),
    pass: async (durationMs) => sleep(durationMs),
  }))
  test('redis shelf of responses: every key has an end', async () => {
    const shelf = createRedisResponseShelf(connection, { keyPrefix: 'ends' })
    const entry = { tenant: 't', name: 'n', sealed: 's', items: ['i'], nowMs: 0, responsesMax: 9 }
    await shelf.put({ ...entry, keepMs: 600_000 })
    await shelf.put({ ...entry, name: 'm', keepMs: 60_000 })
    const keys = (await connection.call('KEYS', '{ends:*')) as string[]
    assert.equal(keys.length, 4)
    for (const key of keys) {
      const leftMs = Number(await connection.call('PTTL', key))
      assert.ok(leftMs > 0 && leftMs <= 600_000, `${key}: ${leftMs}`)
      if (!key.endsWith(':m')) assert.ok(leftMs > 60_000, `${key} ends with the one that is kept longest`)
    }
  })
  after(async () => {
    await connection.close()
    await server.stop()
  })
}

const noPostgres = whyNoPostgres()
if (noPostgres !== undefined) {
  test('the shelf of responses in PostgreSQL', { skip: noPostgres })
} else {
  const server = await startPostgres()
  const opened: SharedDatabase[] = []
  responseShelfContract('postgres', async () => {
    const database = await openPostgres(
      {
        url: server.newDatabase(),
        readUrl: undefined,
        connectionsMax: 4,
        connectTimeoutMs: 10_000,
        statementTimeoutMs: 10_000,
      },
      rethrow,
    )
    opened.push(database)
    return { shelf: createPostgresResponseShelf(database), ...toldTime() }
  })
  after(async () => {
    for (const database of opened) await database.close()
    await server.stop()
  })
}
