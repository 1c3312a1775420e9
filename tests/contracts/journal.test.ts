/** The contract of the journal, over every store that keeps one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryJournal } from '#stores/memory/journal.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteJournal } from '#stores/sqlite/journal.ts'
import { journalContract } from './journal-contract.ts'
import type { OpenJournal } from './journal-contract.ts'

const openAt = (file: string, clean: () => void): OpenJournal => {
  const database = openDatabase({ file })
  const journal = createSqliteJournal(database)
  return {
    journal,
    async close() {
      await journal.close()
      database.close()
      clean()
    },
  }
}

journalContract('memory', () => ({ journal: createMemoryJournal(), close: () => undefined }))
journalContract('sqlite in memory', () => openAt(':memory:', () => undefined))
journalContract('sqlite on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-journal-'))
  return openAt(join(folder, 'signalbox.db'), () => rmSync(folder, { recursive: true }))
})
