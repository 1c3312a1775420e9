/** The embedded database: opening, locking, failing. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteJournal } from '#stores/sqlite/journal.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'
import { schemaSteps } from '#stores/sqlite/schema.ts'

const inFolder = async (body: (file: string) => void | Promise<void>) => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-database-'))
  try {
    await body(join(folder, 'deep', 'signalbox.db'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
const unavailableWith = (words: RegExp) => (thrown: unknown) =>
  thrown instanceof Problem && thrown.code === 'store_unavailable' && words.test(thrown.message)

test('a folder that is missing is made, and what was written is there again', () =>
  inFolder((file) => {
    const first = openDatabase({ file })
    first.transaction(() => first.connection.exec("INSERT INTO ledger_log (entries) VALUES ('[]')"))
    first.close()
    const again = openDatabase({ file, synchronous: 'full' })
    assert.equal(again.connection.prepare('SELECT count(*) AS n FROM ledger_log').get()?.['n'], 1)
    again.close()
  }))

test('a transaction that fails leaves nothing behind', () => {
  const database = openDatabase({ file: ':memory:' })
  assert.throws(
    () =>
      database.transaction(() => {
        database.connection.exec("INSERT INTO ledger_log (entries) VALUES ('[]')")
        database.connection.exec('INSERT INTO no_such_table VALUES (1)')
      }),
    unavailableWith(/no_such_table/),
  )
  assert.equal(database.connection.prepare('SELECT count(*) AS n FROM ledger_log').get()?.['n'], 0)
  database.close()
})

test('a file of a newer program is refused by its version', () =>
  inFolder((file) => {
    const database = openDatabase({ file })
    database.connection.exec('INSERT INTO schema_version (version) VALUES (999)')
    database.close()
    assert.throws(() => openDatabase({ file }), unavailableWith(/version 999/))
  }))

test('rows of before there were margins were charged what they cost, and are read like any other', () =>
  inFolder(async (file) => {
    mkdirSync(dirname(file))
    const before = new DatabaseSync(file)
    const steps = schemaSteps.slice(
      0,
      schemaSteps.findIndex((step) => step.includes('provider_cost_nano_usd')),
    )
    before.exec('CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT')
    for (const step of steps) before.exec(step)
    before.exec(`INSERT INTO schema_version (version) VALUES (${steps.length})`)
    before.exec(`INSERT INTO usage_rows VALUES (5, 'acme', 'r1', 1, 'charge', 'k', NULL, NULL, NULL, 'generate', NULL,
      'm', 'openai', 'm', 0, 0, 200, NULL, 'stop', 10, 20, 0, 0, 0, 1500, 0, 'm@2026-01-01', 1.5, NULL, 0.5, '[]')`)
    before.close()
    const database = openDatabase({ file })
    const journal = createSqliteJournal(database)
    const all = { fromMs: 0, toMs: 10, groupBy: [], limit: 10 }
    const [row] = await journal.latest(all)
    assert.deepEqual(
      [row?.costNanoUsd, row?.providerCostNanoUsd, row?.serviceTier, row?.billing],
      [1_500, 1_500, null, null],
    )
    const [total] = await journal.totals(all)
    assert.equal(total?.providerCostNanoUsd, 1_500)
    await journal.close()
    database.close()
  }))

test('a file that is no database is refused by its name', () =>
  inFolder((file) => {
    openDatabase({ file }).close()
    writeFileSync(file, 'this is not a database, it only looks like a file'.repeat(100))
    assert.throws(() => openDatabase({ file }), unavailableWith(/signalbox\.db/))
  }))

test('a second process is told that the file is in use, and may have it afterwards', () =>
  inFolder((file) => {
    const script = `
      const { openDatabase } = await import(${JSON.stringify(import.meta.resolve('#stores/sqlite/database.ts'))})
      try { openDatabase({ file: process.argv[1] }).close(); console.log('opened') }
      catch (thrown) { console.log(thrown.code, thrown.message) }`
    const tryToOpen = () =>
      spawnSync(process.execPath, ['--input-type=module', '-e', script, file], { encoding: 'utf8' }).stdout
    const database = openDatabase({ file })
    assert.match(tryToOpen(), /store_unavailable .*signalbox\.db is in use by another process/)
    database.close()
    assert.match(tryToOpen(), /opened/)
  }))

test('a file that its last user has not quite left is waited for', () =>
  inFolder(async (file) => {
    openDatabase({ file }).close()
    const { promise: isHeld, resolve } = Promise.withResolvers<void>()
    const leaving = new Worker(
      `
        const { DatabaseSync } = require('node:sqlite')
        const { parentPort, workerData } = require('node:worker_threads')
        const connection = new DatabaseSync(workerData)
        connection.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
        parentPort.postMessage('held')
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
        connection.exec('COMMIT')
        connection.close()
      `,
      { eval: true, workerData: file },
    )
    const hasLeft = once(leaving, 'exit')
    leaving.once('message', () => resolve())
    await isHeld
    const database = openDatabase({ file })
    assert.equal(database.connection.prepare('SELECT count(*) AS n FROM ledger_log').get()?.['n'], 0)
    database.close()
    await hasLeft
  }))

test('a hold that cannot be written is taken back, and what was spent is written when the disk is there again', async () => {
  const database = openDatabase({ file: ':memory:' })
  const ledger = createSqliteLedger(database)
  const ask = (holdId: string) => ({
    holdId,
    amount: toNanoUsd(60),
    amountLeast: toNanoUsd(60),
    scopes: [{ scope: 'user:a/x', window: '2026-11', limit: toNanoUsd(100), resetsAtMs: undefined }],
    expiresAtMs: 1e15,
  })
  const balance = async () => {
    const [found] = ledger.balances([{ scope: 'user:a/x', window: '2026-11' }])
    return [found?.settled, found?.reserved]
  }
  await ledger.reserve(ask('h1'))
  database.connection.exec('ALTER TABLE ledger_log RENAME TO away')
  const settling = ledger.settle('h1', toNanoUsd(30))
  await assert.rejects(async () => ledger.reserve(ask('h2')), unavailableWith(/ledger_log|away/))
  assert.deepEqual(await balance(), [30, 0])
  database.connection.exec('ALTER TABLE away RENAME TO ledger_log')
  await ledger.reserve(ask('h3'))
  await settling
  const log = database.connection.prepare('SELECT entries FROM ledger_log').all()
  assert.match(JSON.stringify(log), /settle.*h1/)
  assert.doesNotMatch(JSON.stringify(log), /h2/)
  database.close()
})

test('a hold that nothing limits is granted though it cannot be written, and is written with what it cost later', async () => {
  const database = openDatabase({ file: ':memory:' })
  const ledger = createSqliteLedger(database, { unlimitedWaitingMax: 3 })
  const ask = (holdId: string, limit?: number) => ({
    holdId,
    amount: toNanoUsd(60),
    amountLeast: toNanoUsd(60),
    scopes: [
      { scope: 'tenant:a', window: '2026-11', limit: undefined, resetsAtMs: undefined },
      {
        scope: 'user:a/x',
        window: '2026-11',
        limit: limit === undefined ? undefined : toNanoUsd(limit),
        resetsAtMs: undefined,
      },
    ],
    expiresAtMs: 1e15,
  })
  database.connection.exec('ALTER TABLE ledger_log RENAME TO away')
  assert.deepEqual(await ledger.reserve(ask('h1')), { isHeld: true, amount: 60 })
  const settling = ledger.settle('h1', toNanoUsd(30))
  await assert.rejects(async () => ledger.reserve(ask('h2', 1_000)), unavailableWith(/ledger_log|away/))
  await ledger.reserve(ask('h3'))
  await assert.rejects(async () => ledger.reserve(ask('h4')), unavailableWith(/ledger_log|away/))
  database.connection.exec('ALTER TABLE away RENAME TO ledger_log')
  await ledger.reserve(ask('h5'))
  await settling
  const log = database.connection.prepare('SELECT entries FROM ledger_log').all()
  assert.match(JSON.stringify(log), /hold.*h1.*settle.*h1.*hold.*h3.*hold.*h5/)
  assert.doesNotMatch(JSON.stringify(log), /h2|h4/)
  database.close()
})

test('a ledger that was closed begins with an empty log and the same balances', () =>
  inFolder(async (file) => {
    const scopes = [{ scope: 'user:a/x', window: '2026-11', limit: undefined, resetsAtMs: undefined }]
    const first = openDatabase({ file })
    const ledger = createSqliteLedger(first)
    const amount = toNanoUsd(60)
    await ledger.reserve({ holdId: 'h1', amount, amountLeast: amount, scopes, expiresAtMs: 1e15 })
    await ledger.settle('h1', toNanoUsd(45))
    ledger.close()
    assert.equal(first.connection.prepare('SELECT count(*) AS n FROM ledger_log').get()?.['n'], 0)
    first.close()
    const second = openDatabase({ file })
    const again = createSqliteLedger(second)
    assert.equal(again.chargedAtStart, 0)
    const [balance] = again.balances(scopes)
    assert.deepEqual([balance?.settled, balance?.reserved, balance?.estimated], [45, 0, 0])
    again.close()
    second.close()
  }))

test('a log that cannot be read stops the start instead of guessing at money', () => {
  for (const entries of ['not json', '[["hold"]]', '[["hold","h",1,2,[3]]]', '[["unknown","h",1,2,[]]]']) {
    const database = openDatabase({ file: ':memory:' })
    database.connection.prepare('INSERT INTO ledger_log (entries) VALUES (?)').run(entries)
    assert.throws(() => createSqliteLedger(database), unavailableWith(/cannot be read/), entries)
    database.close()
  }
})
