/** The cellar opened: the one database file and the stores in it, and Redis where several instances share their counts. */
import { databaseFile } from '#composition/key-room.ts'
import { pepperOf } from '#composition/pepper.ts'
import type { Config } from '#config/config.ts'
import type { Chance } from '#core/domain/clock.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import type { Buckets } from '#services/rate-limiter/buckets.ts'
import { createMemoryBuckets } from '#stores/memory/buckets.ts'
import { createRedisBuckets } from '#stores/redis/buckets.ts'
import { openRedis } from '#stores/redis/connection.ts'
import { createRedisLedger } from '#stores/redis/ledger.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'
import { createSqliteDirectory } from '#stores/sqlite/directory.ts'
import { createSqliteJournal } from '#stores/sqlite/journal.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'

export interface CellarParts {
  readonly config: Config
  readonly chance: Chance
  readonly report: (failure: unknown, place: string) => void
}

/** Throws `config_invalid`, and `store_unavailable`, also while another process holds the data directory. */
export async function openCellar(parts: CellarParts) {
  const { config } = parts
  const pepper = pepperOf(config.storage.dataDir)
  const database = openDatabase({ file: databaseFile(config) })
  let counts: CountStores
  try {
    counts = await openCounts(parts, database)
  } catch (thrown) {
    database.close()
    throw thrown
  }
  const journal = createSqliteJournal(database)
  return {
    pepper,
    journal,
    ledger: counts.ledger,
    buckets: counts.buckets,
    directory: createSqliteDirectory(database),
    async close() {
      await counts.close()
      await journal.close()
      database.close()
    },
  }
}

/** The stores of what is counted: money and rates. */
interface CountStores {
  readonly ledger: Ledger
  readonly buckets: Buckets
  close(): void | Promise<void>
}

async function openCounts(
  { config, chance, report }: CellarParts,
  database: EmbeddedDatabase,
): Promise<CountStores> {
  const { redis } = config.storage
  if (!redis) {
    const ledger = createSqliteLedger(database)
    return { ledger, buckets: createMemoryBuckets(), close: () => ledger.close() }
  }
  const { keyPrefix } = redis
  const connection = await openRedis(redis, report)
  return {
    ledger: createRedisLedger(connection, { keyPrefix }),
    buckets: createRedisBuckets(
      { connection, uniqueId: () => chance.uniqueId() },
      { keyPrefix, placeLeaseMs: config.budget.holdLeaseMs, timeSource: 'server' },
    ),
    close: () => connection.close(),
  }
}
