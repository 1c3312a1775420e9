/** The counts that several instances share in Redis: money with its own book at home, rates, and idempotency keys. */
import type { CellarParts, CountStores } from '#composition/cellar.ts'
import { ledgerOver, placeOfLevels, placesIn } from '#composition/ledger-places.ts'
import type { LedgerPlace } from '#composition/ledger-places.ts'
import { systemClock } from '#composition/weather.ts'
import type { RedisConfig } from '#config/config.ts'
import type { PartCopies } from '#services/budget-manager/shared-ledger/own-book.ts'
import { createSharedLedger } from '#services/budget-manager/shared-ledger/shared-ledger.ts'
import type { SharedLedger } from '#services/budget-manager/shared-ledger/shared-ledger.ts'
import { createShelteredBuckets } from '#services/rate-limiter/sheltered-buckets.ts'
import { createMemoryBuckets } from '#stores/memory/buckets.ts'
import { createRedisBuckets } from '#stores/redis/buckets.ts'
import { openRedis } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import { createRedisHintBoard } from '#stores/redis/hint-board.ts'
import { createRedisKeyBook } from '#stores/redis/key-book.ts'
import { createRedisResponseShelf } from '#stores/redis/response-shelf.ts'
import { createRedisShelf } from '#stores/redis/ledger-shelf.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'
import { instanceOf } from '#stores/sqlite/instance.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'
import type { SqliteLedger } from '#stores/sqlite/ledger.ts'

const beatEveryMs = 500
const renewEveryMs = 10_000
/** Twice what the others need to notice that something was forgotten. */
const freshWaitMs = 2 * beatEveryMs
/** How long a start waits for the ledger before it opens the door without. */
const startWaitMs = 15_000

const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref()
  })

export interface AtHome {
  readonly database: EmbeddedDatabase
  /** Undefined without PostgreSQL. */
  readonly copies: PartCopies | undefined
}

/** Throws `config_invalid`, `store_unavailable`. */
export async function openSharedCounts(
  parts: CellarParts,
  redis: RedisConfig,
  { database, copies }: AtHome,
): Promise<CountStores> {
  const { config, chance, report } = parts
  const { keyPrefix } = redis
  const connection = await openRedis(redis, report)
  const book = createSqliteLedger(database)
  const places = placesIn(connection, keyPrefix)
  const ledger = joinLedger({ ...parts, redis, connection, places, book, copies, database })
  connection.onLost(() => ledger.lost())
  await ledger.start(startWaitMs)
  const stopChores = keepUp(ledger, report)
  const buckets = createRedisBuckets(
    { connection, uniqueId: () => chance.uniqueId() },
    { placeOf: placeOfLevels(places), placeLeaseMs: config.budget.holdLeaseMs, timeSource: 'server' },
  )
  return {
    ledger,
    sharedCounts: () => ledger.counts(),
    buckets: createShelteredBuckets({
      shared: buckets,
      own: createMemoryBuckets(),
      clock: systemClock,
      instances: () => ledger.counts().members,
    }),
    hintBoard: createRedisHintBoard(connection, { keyPrefix }),
    keyBook: createRedisKeyBook(connection, { keyPrefix }),
    sharedResponses: createRedisResponseShelf(connection, { keyPrefix }),
    async close() {
      stopChores()
      await ledger.close()
      await connection.close()
      book.close()
    },
  }
}

interface Joining extends CellarParts, AtHome {
  readonly redis: RedisConfig
  readonly connection: RedisConnection
  readonly places: readonly LedgerPlace[]
  readonly book: SqliteLedger
}

function joinLedger(joining: Joining): SharedLedger {
  const { config, chance, report, redis, connection, places, book, copies, database } = joining
  const instance = instanceOf(database, () => chance.uniqueId())
  const nowMs = () => systemClock.nowMs()
  const usual = {
    instance,
    rebuildWaitMs: redis.rebuildWaitMs,
    freshWaitMs,
    stepWaitMs: redis.commandTimeoutMs,
    outage: config.budget.outage,
    sliceLeaseMs: config.budget.sliceLeaseMs,
  }
  return ledgerOver(places, ({ tag, desks, ...own }) => {
    const shelf = createRedisShelf(connection, { tag, instance, timeSource: 'server', nowMs, desks })
    const ports = { shelf, book, copies, clock: systemClock, pause, report }
    return createSharedLedger(ports, { ...usual, ...own })
  })
}

function keepUp(ledger: SharedLedger, report: CellarParts['report']): () => void {
  const attend = (chore: () => Promise<void>) => () =>
    void chore().catch((failure: unknown) => report(failure, 'keeping up with the shared ledger'))
  const chores = [
    setInterval(
      attend(() => ledger.beat()),
      beatEveryMs,
    ),
    setInterval(
      attend(() => ledger.renew()),
      renewEveryMs,
    ),
  ]
  for (const chore of chores) chore.unref()
  return () => {
    for (const chore of chores) clearInterval(chore)
  }
}
