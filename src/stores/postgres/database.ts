/** PostgreSQL for the records that several instances share: connected, brought up to date, and asked with every wait bounded. */
import type { ClientConfig, CustomTypesConfig, Pool, PoolClient } from 'pg'
import type * as pg from 'pg'
import { Problem } from '#core/domain/problem.ts'
import { readAddresses } from '#stores/postgres/addresses.ts'
import type { Addresses } from '#stores/postgres/addresses.ts'
import { schemaSteps } from '#stores/postgres/schema.ts'
import type { ColumnValue, ReadRow } from '#stores/sql/usage-columns.ts'

export interface PostgresSettings {
  /**
   * `postgres://user:password@host:5432/database`, with `?sslmode=verify-full` where TLS is wanted. Of several servers,
   * `one:5432,two:5432`, the one that can be written to is asked.
   */
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
  const poolAt = (url: string, mustWrite: boolean): Servers => {
    const addresses = readAddresses(url)
    const primaries = addresses.count > 1 && mustWrite ? new WeakSet<PoolClient>() : undefined
    return { addresses, primaries, pool: poolFor(driver, addresses, settings, report) }
  }
  const pool = poolAt(settings.url, true)
  const readPool = settings.readUrl === undefined ? pool : poolAt(settings.readUrl, false)
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

/** One database, and which of its servers is asked. */
interface Servers {
  readonly addresses: Addresses
  /** Connections to a server that can be written to; undefined where any will do. */
  readonly primaries: WeakSet<PoolClient> | undefined
  readonly pool: Pool
}

function poolFor(
  driver: Pick<typeof pg, 'Client' | 'Pool' | 'types'>,
  addresses: Addresses,
  settings: PostgresSettings,
  report: (failure: unknown, place: string) => void,
): Pool {
  /** Each new connection goes to the server that is asked by then. */
  class ClientOfNow extends driver.Client {
    constructor(config?: ClientConfig) {
      super({ ...config, connectionString: addresses.current() })
    }
  }
  const pool = new driver.Pool({
    connectionString: addresses.current(),
    ...(addresses.count > 1 ? { Client: ClientOfNow } : {}),
    max: settings.connectionsMax,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    statement_timeout: settings.statementTimeoutMs,
    query_timeout: settings.statementTimeoutMs,
    application_name: 'signalbox',
    types: ownTypes(driver),
  })
  // A connection that breaks while nobody uses it: the pool opens another.
  pool.on('error', (failure) => report(failure, 'an idle connection to PostgreSQL'))
  // One that breaks while it is used: whoever uses it hears of it from its step.
  pool.on('connect', (client) => void client.on('error', () => undefined))
  return pool
}

/** A connection to the first server that gives one of use, beginning with the one that is asked now. */
async function connected(servers: Servers): Promise<PoolClient> {
  const { addresses, pool } = servers
  for (let left = addresses.count; ; left -= 1) {
    const asked = addresses.current()
    try {
      return await refuseStandby(servers, await pool.connect())
    } catch (failure) {
      addresses.leave(asked)
      if (left <= 1) throw failure
    }
  }
}

/** A standby takes connections too, and refuses what is to be written; each connection is asked once. */
async function refuseStandby({ primaries }: Servers, client: PoolClient): Promise<PoolClient> {
  if (!primaries || primaries.has(client)) return client
  try {
    const { rows } = await client.query<ReadRow>('SELECT pg_is_in_recovery() AS standby')
    if (rows[0]?.['standby'] === true) throw new Error('this server only reads')
  } catch (failure) {
    client.release(true)
    throw failure
  }
  primaries.add(client)
  return client
}

function databaseOf(servers: Servers, readServers: Servers): SharedDatabase {
  const ask = async (asked: Servers, sql: string, parameters: readonly ColumnValue[]) => {
    let client: PoolClient | undefined
    try {
      client = await connected(asked)
      const { rows } = await client.query<ReadRow>(sql, [...parameters])
      client.release()
      return rows
    } catch (thrown) {
      client?.release(true)
      throw unavailable(thrown)
    }
  }
  return {
    write: (sql, parameters) => ask(servers, sql, parameters),
    read: (sql, parameters) => ask(readServers, sql, parameters),
    transaction: (work) => inTransaction(servers, work),
    async close() {
      await servers.pool.end()
      if (readServers !== servers) await readServers.pool.end()
    },
  }
}

async function inTransaction<T>(servers: Servers, work: (client: PoolClient) => Promise<T>): Promise<T> {
  let client: PoolClient | undefined
  try {
    client = await connected(servers)
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
