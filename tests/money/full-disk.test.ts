/** The disk of the own file is full: nobody is asked for money that cannot be written down, and what was spent is kept. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { toNanoUsd } from '#core/domain/money.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'
import { counterOf, window } from '#tests/money/failover-stage.ts'
import { checkMoney } from '#tests/money/ledger-check.ts'
import { readFileBooks } from '#tests/money/money-books.ts'

const limit = 1_000_000
const scopes = [counterOf('tenant:a', limit)]
const amount = toNanoUsd(100)
const spent = toNanoUsd(60)

test('a disk that is full refuses every hold, and what was billed is in the books, below the limit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-full-'))
  try {
    const database = openDatabase({ file: join(folder, 'signalbox.db') })
    const ledger = createSqliteLedger(database)
    const [pages] = Object.values(database.connection.prepare('PRAGMA page_count').get() ?? {})
    database.connection.exec(`PRAGMA max_page_count = ${Number(pages) + 2}`)
    let billed = 0
    const settling: Promise<unknown>[] = []
    const callOnce = async (number: number) => {
      const holdId = `${number}.${'x'.repeat(200)}`
      await ledger.reserve({ holdId, amount, amountLeast: amount, scopes, expiresAtMs: 1e15 })
      billed += spent
      // When it cannot be written now, it is written later.
      settling.push(Promise.resolve(ledger.settle(holdId, spent)))
    }
    let calls = 0
    await assert.rejects(
      async () => {
        for (; calls < 5_000; calls += 1) await callOnce(calls)
      },
      { code: 'store_unavailable' },
    )
    assert.ok(calls > 0, 'there was room for none')
    for (let more = 1; more <= 3; more += 1)
      await assert.rejects(async () => callOnce(calls + more), { code: 'store_unavailable' })
    database.connection.exec('PRAGMA max_page_count = 1000000')
    await callOnce(calls + 4)
    await Promise.all(settling)
    ledger.close()
    database.close()

    const books = readFileBooks(folder)
    const limits = new Map([[`tenant:a ${window}`, limit]])
    assert.deepEqual(checkMoney(books, { limits, hasDied: true }).findings, [])
    const counter = books.counters.find(({ scope }) => scope === 'tenant:a')
    assert.deepEqual([counter?.settled, counter?.reserved], [billed, 0])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
