/** The cellar opened: the embedded database, and Redis and PostgreSQL where several instances share what they keep. */
import { databaseFile } from '#composition/key-room.ts'
import { pepperFor } from '#composition/pepper.ts'
import { openSharedCounts } from '#composition/shared-counts.ts'
import type { Config } from '#config/config.ts'
import type { Chance } from '#core/domain/clock.ts'
import type { Directory } from '#services/access-control/directory.ts'
import type { AlertBook } from '#services/alerts/alert-book.ts'
import type { Journal } from '#services/analytics-collector/journal.ts'
import { createRelayedJournal } from '#services/analytics-collector/relayed-journal.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import type { SharedCounts } from '#services/budget-manager/shared-ledger/shared-ledger.ts'
import type { LimitShelf } from '#services/budget-manager/limit-shelf.ts'
import type { KeyBook } from '#services/idempotency/key-book.ts'
import type { ResponseShelf } from '#services/response-store/response-shelf.ts'
import type { TopUpBook } from '#services/budget-manager/top-up-book.ts'
import type { Buckets } from '#services/rate-limiter/buckets.ts'
import type { RuleShelf } from '#services/rate-limiter/rule-shelf.ts'
import { noHintBoard } from '#services/resilience/hints.ts'
import type { HintBoard } from '#services/resilience/hints.ts'
import { createMemoryBuckets } from '#stores/memory/buckets.ts'
import { createPostgresAlertBook } from '#stores/postgres/alert-book.ts'
import { openPostgres } from '#stores/postgres/database.ts'
import type { SharedDatabase } from '#stores/postgres/database.ts'
import { createPostgresDirectory } from '#stores/postgres/directory.ts'
import { createPostgresJournal } from '#stores/postgres/journal.ts'
import { createPostgresKeyBook } from '#stores/postgres/key-book.ts'
import { createPostgresLimitShelf } from '#stores/postgres/limit-shelf.ts'
import { createPostgresResponseShelf } from '#stores/postgres/response-shelf.ts'
import { createPostgresTopUpBook } from '#stores/postgres/top-up-book.ts'
import { createPostgresRuleShelf } from '#stores/postgres/rule-shelf.ts'
import { createPostgresPartCopies } from '#stores/postgres/part-copies.ts'
import { createSqliteAlertBook } from '#stores/sqlite/alert-book.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'
import { createSqliteDirectory } from '#stores/sqlite/directory.ts'
import { createSqliteJournal } from '#stores/sqlite/journal.ts'
import { createSqliteKeyBook } from '#stores/sqlite/key-book.ts'
import { createSqliteLimitShelf } from '#stores/sqlite/limit-shelf.ts'
import { createSqliteResponseShelf } from '#stores/sqlite/response-shelf.ts'
import { createSqliteRuleShelf } from '#stores/sqlite/rule-shelf.ts'
import { createSqliteTopUpBook } from '#stores/sqlite/top-up-book.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'

/** While the disk is full; each try to write takes all that waits. */
const unlimitedWaitingMax = 5_000

export interface CellarParts {
  readonly config: Config
  readonly chance: Chance
  readonly report: (failure: unknown, place: string) => void
}

export interface Cellar extends CountStores, RecordStores {
  readonly pepper: Uint8Array
  readonly responseShelf: ResponseShelf
}

/** What is counted: money, rates, and calls under idempotency keys. */
export interface CountStores {
  readonly ledger: Ledger
  /** How it goes with a ledger that instances share; undefined when this one shares none. */
  readonly sharedCounts: (() => SharedCounts) | undefined
  readonly buckets: Buckets
  readonly hintBoard: HintBoard
  readonly keyBook: KeyBook
  /** Undefined where the records are the ones to keep responses. */
  readonly sharedResponses: ResponseShelf | undefined
  close(): Promise<void>
}

/** What is written down: who may come in, and who used what. */
interface RecordStores {
  readonly directory: Directory
  readonly limitShelf: LimitShelf
  readonly ruleShelf: RuleShelf
  readonly topUpBook: TopUpBook
  readonly alertBook: AlertBook
  readonly journal: Journal
  readonly recordedResponses: ResponseShelf
  close(): Promise<void>
}

/** Throws `config_invalid`, and `store_unavailable`, also while another process holds the data directory. */
export async function openCellar(parts: CellarParts): Promise<Cellar> {
  const pepper = pepperFor(parts.config)
  const database = openDatabase({ file: databaseFile(parts.config) })
  const opened: Array<{ close(): void | Promise<void> }> = [database]
  try {
    const shared = await openShared(parts)
    if (shared) opened.unshift(shared)
    const counts = await openCounts(parts, database, shared)
    opened.unshift(counts)
    const records = openRecords(parts, database, shared)
    opened.unshift(records)
    return {
      ...counts,
      ...records,
      pepper,
      responseShelf: counts.sharedResponses ?? records.recordedResponses,
      async close() {
        // Money first: copies of what was charged go where the rows go.
        for (const store of [counts, records, database]) await store.close()
      },
    }
  } catch (thrown) {
    for (const store of opened) await store.close()
    throw thrown
  }
}

async function openShared({ config, report }: CellarParts): Promise<SharedDatabase | undefined> {
  const { postgres } = config.storage
  return postgres && openPostgres(postgres, report)
}

async function openCounts(
  parts: CellarParts,
  database: EmbeddedDatabase,
  shared: SharedDatabase | undefined,
): Promise<CountStores> {
  const { redis } = parts.config.storage
  if (redis) {
    const copies = shared && createPostgresPartCopies(shared)
    return openSharedCounts(parts, redis, { database, copies })
  }
  const ledger = createSqliteLedger(database, { unlimitedWaitingMax })
  return {
    ledger,
    sharedCounts: undefined,
    buckets: createMemoryBuckets(),
    hintBoard: noHintBoard,
    keyBook: shared ? createPostgresKeyBook(shared) : createSqliteKeyBook(database),
    sharedResponses: undefined,
    close: async () => ledger.close(),
  }
}

function openRecords(
  { report }: CellarParts,
  database: EmbeddedDatabase,
  shared: SharedDatabase | undefined,
): RecordStores {
  const own = createSqliteJournal(database)
  if (!shared) {
    return {
      directory: createSqliteDirectory(database),
      limitShelf: createSqliteLimitShelf(database),
      ruleShelf: createSqliteRuleShelf(database),
      topUpBook: createSqliteTopUpBook(database),
      alertBook: createSqliteAlertBook(database),
      journal: own,
      recordedResponses: createSqliteResponseShelf(database),
      close: () => own.close(),
    }
  }
  const journal = createRelayedJournal({ outbox: own, shared: createPostgresJournal(shared), report })
  return {
    directory: createPostgresDirectory(shared),
    limitShelf: createPostgresLimitShelf(shared),
    ruleShelf: createPostgresRuleShelf(shared),
    topUpBook: createPostgresTopUpBook(shared),
    alertBook: createPostgresAlertBook(shared),
    journal,
    recordedResponses: createPostgresResponseShelf(shared),
    async close() {
      journal.close()
      // What cannot be moved now waits in the embedded database for the next start.
      await journal.relay().catch((failure: unknown) => report(failure, 'moving the last usage rows'))
      await own.close()
      await shared.close()
    },
  }
}
