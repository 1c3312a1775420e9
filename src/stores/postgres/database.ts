/** PostgreSQL for the records that several instances share: connected, brought up to date, and asked with every wait bounded. */
import type { CustomTypesConfig, Pool, PoolClient } from 'pg'
import type * as pg from 'pg'
import { Problem } from '#core/domain/problem.ts'
import { schemaSteps } from '#stores/postgres/schema.ts'
import type { ColumnValue, ReadRow } from '#stores/sql/usage-columns.ts'

export interface PostgresSettings {
  /** `postgres://user:password@host:5432/database`, with `?sslmode=verify-full` where TLS is wanted. */
  readonly url: string
  /** A replica for reports; undefined asks the first. */
  readonly readUrl: string | undefined
  readonly connectionsMax: number
  readonly connectTimeoutMs: number
  readonly statementTimeoutMs: number
}

export interface SharedDatabase {
  /** Throws `store_unavailable`. */
  write(sql: string, parameters: readonly ColumnValue[]): Promise<readonly ReadRow[]>
  /** From the replica, where there is one. Throws `store_unavailable`. */
  read(sql: string, parameters: readonly ColumnValue[]): Promise<readonly ReadRow[]>
  /** Runs a function in one transaction: all of it or nothing. Throws `store_unavailable`. */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Connects and brings the tables up to date. Throws `store_unavailable`, `config_invalid`. */
export async function openPostgres(
  settings: PostgresSettings,
  report: (failure: unknown, place: string) => void,
): Promise<SharedDatabase> {
  // Loaded here, so that a gateway that shares nothing starts without it.
  const driver = await import('pg')
  const poolAt = (url: string) => poolFor(driver, url, settings, report)
  const pool = poolAt(settings.url)
  const readPool = settings.readUrl === undefined ? pool : poolAt(settings.readUrl)
  const database = databaseOf(pool, readPool)
  try {
    await database.transaction(migrate)
  } catch (thrown) {
    await database.close()
    throw atStart(thrown)
  }
  return database
}

/** Numbers that the tables hold are whole and below 2^53, or sums of such: numbers hold them exactly enough to add. */
function ownTypes({ types }: Pick<typeof pg, 'types'>): CustomTypesConfig {
  const numeric: readonly number[] = [types.builtins.INT8, types.builtins.NUMERIC]
  return {
    getTypeParser: (oid, format): unknown =>
      numeric.includes(oid) ? (text: string) => Number(text) : types.getTypeParser(oid, format),
  }
}

function poolFor(
  driver: Pick<typeof pg, 'Pool' | 'types'>,
  url: string,
  settings: PostgresSettings,
  report: (failure: unknown, place: string) => void,
): Pool {
  const pool = new driver.Pool({
    connectionString: url,
    max: settings.connectionsMax,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    statement_timeout: settings.statementTimeoutMs,
    query_timeout: settings.statementTimeoutMs,
    application_name: 'signalbox',
    types: ownTypes(driver),
  })
  // A connection that breaks while nobody uses it: the pool opens another.
  pool.on('error', (failure) => report(failure, 'an idle connection to PostgreSQL'))
  return pool
}

function databaseOf(pool: Pool, readPool: Pool): SharedDatabase {
  const ask = async (asked: Pool, sql: string, parameters: readonly ColumnValue[]) => {
    try {
      const { rows } = await asked.query<ReadRow>(sql, [...parameters])
      return rows
    } catch (thrown) {
      throw unavailable(thrown)
    }
  }
  return {
    write: (sql, parameters) => ask(pool, sql, parameters),
    read: (sql, parameters) => ask(readPool, sql, parameters),
    transaction: (work) => inTransaction(pool, work),
    async close() {
      await pool.end()
      if (readPool !== pool) await readPool.end()
    },
  }
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  let client: PoolClient | undefined
  try {
    client = await pool.connect()
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    client.release()
    return result
  } catch (thrown) {
    // Closed, not returned: whatever state the connection is in ends with it.
    client?.release(true)
    throw thrown instanceof Problem ? thrown : unavailable(thrown)
  }
}

/** Any number that only this program uses: instances that start together wait for each other. */
const migrationLock = 7_241_118

async function migrate(client: PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
  await client.query('CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)')
  const { rows } = await client.query<ReadRow>('SELECT max(version) AS version FROM schema_version')
  const found = Number(rows[0]?.['version'] ?? 0)
  if (found > schemaSteps.length) {
    throw new Problem('store_unavailable', {
      detail: `The tables are of version ${found}, and this program knows versions up to ${schemaSteps.length}.`,
      mend: 'Start the newer program that wrote them, or use another database.',
    })
  }
  for (let version = found + 1; version <= schemaSteps.length; version += 1) {
    await client.query(schemaSteps[version - 1] ?? '')
    await client.query('INSERT INTO schema_version (version) VALUES ($1)', [version])
  }
}

export function unavailable(cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Problem('store_unavailable', { detail: `PostgreSQL did not answer: ${reason}`, cause })
}

/** At the start nobody but the operator can help. */
function atStart(thrown: unknown): unknown {
  if (!(thrown instanceof Problem) || thrown.details.mend !== undefined) return thrown
  return new Problem('store_unavailable', {
    detail: thrown.message,
    mend: 'Start the server that DATABASE_URL or storage.postgres.url names, or correct the address.',
    cause: thrown,
  })
}
