/** The partitions of the usage rows: one for each UTC day, made before its first row and dropped whole. */
import type { PoolClient } from 'pg'
import type { SharedDatabase } from '#stores/postgres/database.ts'

const dayMs = 86_400_000
const partitionForm = /^usage_rows_(\d+)$/
/** Any number that only this program uses. */
const partitionLock = 7_241_119

export interface DayPartitions {
  /** Makes the partitions of these moments. Throws `store_unavailable`. */
  ensure(momentsMs: Iterable<number>): Promise<void>
  /** Drops the days that ended before a moment. Returns how many rows were in them. */
  dropBefore(momentMs: number): Promise<number>
}

export function createDayPartitions(database: SharedDatabase): DayPartitions {
  const known = new Set<number>()
  return {
    async ensure(momentsMs) {
      const missing = new Set<number>()
      for (const moment of momentsMs) {
        const day = Math.floor(moment / dayMs)
        if (!known.has(day)) missing.add(day)
      }
      if (missing.size === 0) return
      await database.transaction(async (client) => {
        // Two instances that make one partition at the same moment would otherwise fail each other.
        await client.query('SELECT pg_advisory_xact_lock($1)', [partitionLock])
        for (const day of missing) await makeDay(client, day)
      })
      for (const day of missing) known.add(day)
    },
    async dropBefore(momentMs) {
      const days = (await daysOf(database)).filter((day) => (day + 1) * dayMs <= momentMs)
      let dropped = 0
      for (const day of days) {
        known.delete(day)
        dropped += await dropDay(database, day)
      }
      return dropped
    },
  }
}

/** The day is a whole number: nothing of a caller's gets into the text. */
async function makeDay(client: PoolClient, day: number): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS usage_rows_${day} PARTITION OF usage_rows FOR VALUES FROM (${day * dayMs}) TO (${(day + 1) * dayMs})`,
  )
}

async function daysOf(database: SharedDatabase): Promise<readonly number[]> {
  const rows = await database.write(
    `SELECT relid::regclass::text AS name FROM pg_partition_tree('usage_rows') WHERE isleaf AND level = 1`,
    [],
  )
  return rows.flatMap(({ name }) => {
    const day = partitionForm.exec(String(name))?.[1]
    return day === undefined ? [] : [Number(day)]
  })
}

async function dropDay(database: SharedDatabase, day: number): Promise<number> {
  const [counted] = await database.write(`SELECT count(*) AS kept FROM usage_rows_${day}`, [])
  await database.write(`DROP TABLE IF EXISTS usage_rows_${day}`, [])
  return Number(counted?.['kept'] ?? 0)
}
