/** Counters of budgets corrected by a command: in Redis beside the instances, in the own file of a Signalbox that is stopped. */
import { databaseFile } from '#composition/key-room.ts'
import { operatorPlaces, sessionOf, untold } from '#composition/operator-places.ts'
import type { Config } from '#config/config.ts'
import type { Correction } from '#core/domain/ledger-hold.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { openRedis } from '#stores/redis/connection.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'

export interface CorrectionRoom {
  /** Books what all corrections of a counter come to; gives by how much it changed. Throws `store_unavailable`. */
  correct(correction: Correction): Promise<NanoUsd>
  close(): Promise<void>
}

/** Throws `store_unavailable`, also while a running Signalbox counts in its own file. */
export async function openCorrectionRoom(config: Config): Promise<CorrectionRoom> {
  const { redis } = config.storage
  if (!redis) return openOwnFile(config)
  const connection = await openRedis(redis, () => undefined)
  const places = operatorPlaces(connection, redis.keyPrefix)
  return {
    async correct(correction) {
      const shelf = places.find(({ isOwn }) => isOwn(correction.scope))?.shelf
      const change = shelf && (await shelf.correct(await sessionOf(shelf), correction))
      if (change === undefined) throw untold()
      return change
    },
    close: () => connection.close(),
  }
}

function openOwnFile(config: Config): CorrectionRoom {
  const database = openedAlone(databaseFile(config))
  const ledger = createSqliteLedger(database)
  return {
    correct: async (correction) => ledger.correct(correction),
    async close() {
      ledger.close()
      database.close()
    },
  }
}

function openedAlone(file: string) {
  try {
    return openDatabase({ file })
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.details.facts?.['in_use'] !== true) throw thrown
    throw new Problem('store_unavailable', {
      detail: 'A running Signalbox counts its budgets in memory, and nobody can correct them beside it.',
      mend: 'Stop it for a moment and apply then; with Redis, corrections are applied while it runs.',
      cause: thrown,
    })
  }
}
