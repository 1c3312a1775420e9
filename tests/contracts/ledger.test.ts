/** The contract of the ledger, over every store that keeps one. */
import { createMemoryLedger } from '#stores/memory/ledger.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'
import { ledgerContract } from './ledger-contract.ts'
import { rollingContract } from './rolling-contract.ts'

for (const contract of [ledgerContract, rollingContract]) {
  contract('memory', () => ({ ledger: createMemoryLedger(), close: () => undefined }))

  contract('sqlite', () => {
    const database = openDatabase({ file: ':memory:' })
    const ledger = createSqliteLedger(database, { entriesPerCheckpoint: 7 })
    return {
      ledger,
      close() {
        ledger.close()
        database.close()
      },
    }
  })
}
