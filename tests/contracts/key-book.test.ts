/** The contract of the book of idempotency keys, in the embedded database, a real Redis and a real PostgreSQL. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { HeldKey, KeyBook } from '#services/idempotency/key-book.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteKeyBook } from '#stores/sqlite/key-book.ts'
import { openPostgres } from '#stores/postgres/database.ts'
import { createPostgresKeyBook } from '#stores/postgres/key-book.ts'
import { openRedis } from '#stores/redis/connection.ts'
import { createRedisKeyBook } from '#stores/redis/key-book.ts'
import { startPostgres, whyNoPostgres } from '#tests/support/real-postgres.ts'
import { startRedis, whyNoRedis } from '#tests/support/real-redis.ts'
import { keyBookContract, realTime } from '#tests/contracts/key-book-contract.ts'

keyBookContract('sqlite', () => {
  let nowMs = 1_800_000_000_000
  return {
    book: createSqliteKeyBook(openDatabase({ file: ':memory:' })),
    nowMs: () => nowMs,
    pass: (durationMs) => {
      nowMs += durationMs
      return Promise.resolve()
    },
  }
})

test('sqlite key book: answers leave the file when their time is over', async () => {
  const database = openDatabase({ file: ':memory:' })
  const book = createSqliteKeyBook(database)
  const held = { name: 'acme/digest', requestId: 'one' }
  await book.claim({ ...held, fingerprint: 'print', nowMs: 0, leaseMs: 10, rememberMs: 1_000, awaitMs: 0 })
  const outcome = {
    requestId: 'one',
    status: 200,
    problem: null,
    provider: 'acme',
    model: 'acme-1',
    inputTokens: 1,
    outputTokens: 1,
    costNanoUsd: 1,
  }
  await book.finish(held, {
    outcome,
    answer: { text: 'sealed', keepMs: 100 },
    unlessAwaited: false,
    nowMs: 0,
  })
  const answers = () => database.connection.prepare('SELECT answer FROM idempotency_keys').all()
  await book.prune(99)
  assert.deepEqual(
    answers().map(({ answer }) => answer),
    ['sealed'],
  )
  await book.prune(100)
  assert.deepEqual(
    answers().map(({ answer }) => answer),
    [null],
  )
})

const reason = whyNoRedis()
if (reason !== undefined) {
  test('the key book in Redis', { skip: reason })
} else {
  const server = await startRedis()
  const connection = await openRedis(
    { url: server.url, commandTimeoutMs: 5_000, connectTimeoutMs: 5_000 },
    (failure) => {
      throw failure
    },
  )
  let made = 0
  keyBookContract('redis', () => ({
    book: createRedisKeyBook(connection, { keyPrefix: `test${(made += 1)}` }),
    ...realTime,
  }))
  after(async () => {
    await connection.close()
    await server.stop()
  })
}

const whyNot = whyNoPostgres()
if (whyNot !== undefined) {
  test('the key book in PostgreSQL', { skip: whyNot })
} else {
  const server = await startPostgres()
  const settings = {
    url: server.url,
    readUrl: undefined,
    connectionsMax: 4,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 10_000,
  }
  const database = await openPostgres(settings, (failure) => {
    throw failure
  })
  const book = createPostgresKeyBook(database)
  let made = 0
  keyBookContract('postgres', () => ({ book: inRoom(book, `room${(made += 1)}/`), ...realTime }))
  after(async () => {
    await database.close()
    await server.stop()
  })
}

/** The same book, with names of its own for each test. */
function inRoom(book: KeyBook, room: string): KeyBook {
  const inside = <Held extends HeldKey>(held: Held): Held => ({ ...held, name: room + held.name })
  return {
    claim: (claim) => book.claim(inside(claim)),
    renew: (held, terms) => book.renew(held.map(inside), terms),
    finish: (held, ending) => book.finish(inside(held), ending),
    release: (held) => book.release(inside(held)),
    prune: (nowMs) => book.prune(nowMs),
  }
}
