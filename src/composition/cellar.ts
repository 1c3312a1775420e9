/** The cellar opened: the one database file and the stores in it. */
import { databaseFile } from '#composition/key-room.ts'
import { pepperOf } from '#composition/pepper.ts'
import type { Config } from '#config/config.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteDirectory } from '#stores/sqlite/directory.ts'
import { createSqliteJournal } from '#stores/sqlite/journal.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'

/** Throws `store_unavailable`, also while another process holds the data directory. */
export function openCellar(config: Config) {
  const pepper = pepperOf(config.storage.dataDir)
  const database = openDatabase({ file: databaseFile(config) })
  const ledger = createSqliteLedger(database)
  const journal = createSqliteJournal(database)
  return {
    pepper,
    ledger,
    journal,
    directory: createSqliteDirectory(database),
    async close() {
      ledger.close()
      await journal.close()
      database.close()
    },
  }
}
