/** A process that holds and settles money as fast as it can, says so line by line, and expects to be killed. */
import { writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { toNanoUsd } from '#core/domain/money.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'

const [file = '', prefix = ''] = process.argv.slice(2)
const ledger = createSqliteLedger(openDatabase({ file }), { entriesPerCheckpoint: 50 })
const window = '2026-11'
let count = 0

const work = async () => {
  for (;;) {
    count += 1
    const id = `${prefix}${count}`
    const amount = toNanoUsd(1_000 + count)
    const spent = toNanoUsd(count)
    const scopes = ['tenant:a', `hold:${id}`].map((scope) => ({
      scope,
      window,
      limit: undefined,
      resetsAtMs: undefined,
    }))
    writeSync(1, `asked ${id} ${amount} ${spent}\n`)
    await ledger.reserve({ holdId: id, amount, amountLeast: amount, scopes, expiresAtMs: 1e15 })
    writeSync(1, `held ${id}\n`)
    if (count % 5 === 0) await pause(3)
    await ledger.settle(id, spent)
    writeSync(1, `settled ${id}\n`)
  }
}
await Promise.all(Array.from({ length: 16 }, work))
