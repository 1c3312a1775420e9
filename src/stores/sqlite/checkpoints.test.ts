/** The log of the embedded database: moved into the file beside the requests, and never without a bound. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { logPagesMax } from '#stores/sqlite/checkpoints.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

const pageBytes = 4_096
const entries = JSON.stringify('x'.repeat(pageBytes))

function openIn(context: TestContext): EmbeddedDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-checkpoints-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return openDatabase({ file: join(folder, 'signalbox.db') })
}

function write(database: EmbeddedDatabase, transactions: number): void {
  const insert = database.connection.prepare('INSERT INTO ledger_log (entries) VALUES (?)')
  for (let count = 0; count < transactions; count++) database.transaction(() => insert.run(entries))
}

const rowsIn = ({ connection }: EmbeddedDatabase) =>
  connection.prepare('SELECT count(*) AS n FROM ledger_log').get()?.['n']

const limits = { timeout: 60_000 }

test('what was written reaches the file while the database is open', limits, async (context) => {
  const database = openIn(context)
  write(database, 600)
  while (statSync(database.file).size < 500 * pageBytes) await sleep(10)
  write(database, 600)
  while (statSync(database.file).size < 1_000 * pageBytes) await sleep(10)
  assert.equal(rowsIn(database), 1_200)
  database.close()
  const again = openDatabase({ file: database.file })
  assert.equal(rowsIn(again), 1_200)
  again.close()
})

test('the log is bounded though its thread gets no turn', limits, (context) => {
  const database = openIn(context)
  // As much again may come while the thread is at it.
  const logBytesMax = 2 * logPagesMax * (pageBytes + 64)
  for (let round = 0; round < 24; round++) {
    write(database, 1_000)
    const { size } = statSync(`${database.file}-wal`)
    assert.ok(size < logBytesMax, `${size} bytes of log`)
  }
  database.close()
})
