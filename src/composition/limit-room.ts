/** The shelves of budgets and rate limits and the book of top-ups alone, for the commands that set them without opening the whole house. */
import { databaseFile } from '#composition/key-room.ts'
import { systemChance, systemClock } from '#composition/weather.ts'
import type { Config } from '#config/config.ts'
import type { LimitShelf } from '#services/budget-manager/limit-shelf.ts'
import type { TopUpBook } from '#services/budget-manager/top-up-book.ts'
import type { RuleShelf } from '#services/rate-limiter/rule-shelf.ts'
import { openPostgres } from '#stores/postgres/database.ts'
import { createPostgresLimitShelf } from '#stores/postgres/limit-shelf.ts'
import { createPostgresRuleShelf } from '#stores/postgres/rule-shelf.ts'
import { createPostgresTopUpBook } from '#stores/postgres/top-up-book.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLimitShelf } from '#stores/sqlite/limit-shelf.ts'
import { createSqliteRuleShelf } from '#stores/sqlite/rule-shelf.ts'
import { createSqliteTopUpBook } from '#stores/sqlite/top-up-book.ts'

export interface LimitRoom {
  readonly shelf: LimitShelf
  readonly topUpBook: TopUpBook
  readonly ruleShelf: RuleShelf
  newId(): string
  nowMs(): number
  readonly close: () => Promise<void>
}

/** Works beside a running Signalbox. Throws `store_unavailable`. */
export async function openLimitRoom(config: Config): Promise<LimitRoom> {
  return {
    ...(await openShelf(config)),
    newId: () => systemChance.uniqueId(),
    nowMs: () => systemClock.nowMs(),
  }
}

/** A running Signalbox looks for changed limits more than once a second, in its own file as in a shared database. */
async function openShelf(
  config: Config,
): Promise<Pick<LimitRoom, 'shelf' | 'topUpBook' | 'ruleShelf' | 'close'>> {
  const { postgres } = config.storage
  if (!postgres) {
    const database = openDatabase({ file: databaseFile(config), isBeside: true })
    return {
      shelf: createSqliteLimitShelf(database),
      topUpBook: createSqliteTopUpBook(database),
      ruleShelf: createSqliteRuleShelf(database),
      close: async () => database.close(),
    }
  }
  // A command ends before an idle connection could fail.
  const database = await openPostgres(postgres, () => undefined)
  return {
    shelf: createPostgresLimitShelf(database),
    topUpBook: createPostgresTopUpBook(database),
    ruleShelf: createPostgresRuleShelf(database),
    close: () => database.close(),
  }
}
