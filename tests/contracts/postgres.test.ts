/** The contracts of the journal and the directory over a real PostgreSQL server, and what only a shared database must do. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createPostgresAlertBook } from '#stores/postgres/alert-book.ts'
import { createPostgresDirectory } from '#stores/postgres/directory.ts'
import { openPostgres } from '#stores/postgres/database.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { createPostgresJournal } from '#stores/postgres/journal.ts'
import { createPostgresLimitShelf } from '#stores/postgres/limit-shelf.ts'
import { createPostgresRuleShelf } from '#stores/postgres/rule-shelf.ts'
import { schemaSteps } from '#stores/postgres/schema.ts'
import { createPostgresTopUpBook } from '#stores/postgres/top-up-book.ts'
import { startPostgres, whyNoPostgres } from '../support/real-postgres.ts'
import { alertBookContract } from './alert-book-contract.ts'
import { directoryContract } from './directory-contract.ts'
import { journalContract } from './journal-contract.ts'
import { limitShelfContract } from './limit-shelf-contract.ts'
import { ruleShelfContract } from './rule-shelf-contract.ts'
import { topUpContract } from './top-up-contract.ts'

const reason = whyNoPostgres()
if (reason !== undefined) {
  test('the stores in PostgreSQL', { skip: reason })
} else {
  const server = await startPostgres()
  const open = async (url: string): Promise<SharedDatabase> =>
    openPostgres(
      { url, readUrl: undefined, connectionsMax: 4, connectTimeoutMs: 5_000, statementTimeoutMs: 10_000 },
      // Idle connections are cut when the server stops.
      () => undefined,
    )
  const shared = await open(server.newDatabase())
  after(async () => {
    await shared.close()
    await server.stop()
  })
  const emptied = async () => {
    await shared.write(
      'TRUNCATE usage_rows, access_keys, budget_limits, rate_rules, prepaid_top_ups, budget_alerts, alert_deliveries',
      [],
    )
    return shared
  }
  journalContract('postgres', async () => ({
    journal: createPostgresJournal(await emptied()),
    close: () => undefined,
  }))
  directoryContract('postgres', async () => ({
    directory: createPostgresDirectory(await emptied()),
    close: () => undefined,
  }))

  limitShelfContract('postgres', async () => ({
    shelf: createPostgresLimitShelf(await emptied()),
    close: () => undefined,
  }))

  ruleShelfContract('postgres', async () => ({
    shelf: createPostgresRuleShelf(await emptied()),
    close: () => undefined,
  }))

  topUpContract('postgres', async () => {
    const database = await emptied()
    return {
      book: createPostgresTopUpBook(database),
      shelf: createPostgresLimitShelf(database),
      close: () => undefined,
    }
  })

  alertBookContract('postgres', async () => ({
    book: createPostgresAlertBook(await emptied()),
    close: () => undefined,
  }))

  test('instances that start at the same moment make the tables once', async () => {
    const url = server.newDatabase()
    const instances = await Promise.all([open(url), open(url), open(url)])
    const [count] = (await instances[0]?.write('SELECT count(*) AS steps FROM schema_version', [])) ?? []
    assert.deepEqual(count, { steps: schemaSteps.length })
    for (const instance of instances) await instance.close()
  })

  test('a database that nobody answers at is told, and nothing hangs', async () => {
    await assert.rejects(open('postgres://postgres@127.0.0.1:1/none'), { code: 'store_unavailable' })
  })
}
