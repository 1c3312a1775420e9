/** The embedded database: one file, one process, opened, locked and brought up to date before anyone may use it. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Problem } from '#core/domain/problem.ts'
import { createCheckpoints, logPagesMax } from '#stores/sqlite/checkpoints.ts'
import type { Checkpoints } from '#stores/sqlite/checkpoints.ts'
import { schemaSteps } from '#stores/sqlite/schema.ts'

export interface DatabaseSettings {
  /** Path of the database file; its folder is made when missing. `:memory:` keeps everything in memory. */
  readonly file: string
  /**
   * When a commit reaches the disk itself. `normal`: at each checkpoint; a commit survives the death of the process,
   * and a power failure may take the last moments. `full`: at each commit, which stops the process for as long as the
   * disk takes. Neither can damage the file.
   */
  readonly synchronous?: 'normal' | 'full' | undefined
  /**
   * For a command beside a running Signalbox: opens the file although another process has it. It must leave alone what
   * that one counts in memory (holds, counters); rows that are only added, limits and keys are safe to write.
   */
  readonly isBeside?: boolean | undefined
}

export interface EmbeddedDatabase {
  readonly file: string
  readonly connection: DatabaseSync
  /** Runs a function in one transaction: all of it or nothing. Throws `store_unavailable` around what SQLite throws. */
  transaction<T>(work: () => T): T
  close(): void
}

/** How long a statement waits for another connection's lock; no request may be kept for longer. */
const busyMs = 2_000

/**
 * How long opening waits: whoever had the file before may still be moving the rest of its log, and is the only one who
 * may touch the file meanwhile.
 */
const openingMs = 10_000

/** Throws `store_unavailable` when the file cannot be opened, is in use by another process, or is of a newer version. */
export function openDatabase(settings: DatabaseSettings): EmbeddedDatabase {
  const { file } = settings
  const isInMemory = file === ':memory:'
  const release = isInMemory ? () => undefined : takenLock(file, settings)
  let connection: DatabaseSync | undefined
  try {
    connection = new DatabaseSync(file, { timeout: openingMs })
    connection.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${settings.synchronous === 'full' ? 'FULL' : 'NORMAL'};
      PRAGMA wal_autocheckpoint = ${logPagesMax};
      PRAGMA journal_size_limit = 67108864;
    `)
    migrate(connection, file, release === undefined)
    connection.exec(`PRAGMA busy_timeout = ${busyMs}`)
    const isAlone = !isInMemory && release !== undefined
    return databaseOf(connection, {
      file,
      release,
      checkpoints: isAlone ? createCheckpoints(file) : undefined,
    })
  } catch (thrown) {
    connection?.close()
    release?.()
    throw thrown instanceof Problem ? thrown : unavailable(`The database ${file} cannot be opened`, thrown)
  }
}

/** How to give the lock back; undefined where another process has it and is worked beside. */
function takenLock(file: string, { isBeside }: DatabaseSettings): (() => void) | undefined {
  try {
    return lockFile(file)
  } catch (thrown) {
    const isInUse = thrown instanceof Problem && thrown.details.facts?.['in_use'] === true
    if (isBeside === true && isInUse) return undefined
    throw thrown
  }
}

interface DatabaseParts {
  readonly file: string
  /** Gives the lock back; undefined beside a process that has it. */
  readonly release: (() => void) | undefined
  readonly checkpoints: Checkpoints | undefined
}

function databaseOf(
  connection: DatabaseSync,
  { file, release, checkpoints }: DatabaseParts,
): EmbeddedDatabase {
  const begin = connection.prepare('BEGIN IMMEDIATE')
  const commit = connection.prepare('COMMIT')
  return {
    file,
    connection,
    transaction(work) {
      try {
        begin.run()
        const result = work()
        commit.run()
        checkpoints?.noteCommit()
        return result
      } catch (thrown) {
        if (connection.isTransaction) connection.exec('ROLLBACK')
        throw thrown instanceof Problem ? thrown : unavailable(`Writing to ${file} failed`, thrown)
      }
    },
    close() {
      if (!connection.isOpen) return
      checkpoints?.close()
      connection.close()
      release?.()
    },
  }
}

/** Wraps what SQLite throws for those who ask: the file is named, the cause is kept. */
export function unavailable(what: string, cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Problem('store_unavailable', { detail: `${what}: ${reason}`, cause })
}

/**
 * A second process would count money beside the first and neither would see the other. The lock is a transaction on
 * a file beside the database: the system gives it up when the process ends, however it ends.
 */
function lockFile(file: string): () => void {
  const lockPath = `${file}.lock`
  let lock: DatabaseSync | undefined
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    lock = new DatabaseSync(lockPath)
    lock.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    const held = lock
    return () => held.close()
  } catch (thrown) {
    lock?.close()
    const isInUse = thrown instanceof Error && /locked|busy/i.test(thrown.message)
    if (!isInUse) throw unavailable(`The database ${file} cannot be opened`, thrown)
    throw new Problem('store_unavailable', {
      detail: `The database ${file} is in use by another process.`,
      mend: 'Stop the other process, or give this one its own DATA_DIR.',
      facts: { in_use: true },
      cause: thrown,
    })
  }
}

/** Throws `store_unavailable` for a file of a newer program, and beside another process for one of an older one too. */
function migrate(connection: DatabaseSync, file: string, isBeside: boolean): void {
  connection.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT')
  const row = connection.prepare('SELECT max(version) AS version FROM schema_version').get()
  const found = typeof row?.['version'] === 'number' ? row['version'] : 0
  const newest = schemaSteps.length
  if (found > newest) {
    throw new Problem('store_unavailable', {
      detail: `The database ${file} is of version ${found}, and this program knows versions up to ${newest}.`,
      mend: 'Start the newer program that wrote it, or use another DATA_DIR.',
    })
  }
  if (isBeside && found < newest) {
    throw new Problem('store_unavailable', {
      detail: `The database ${file} is in use by an older version of this program.`,
      mend: 'Use the command of that version, or stop it first.',
    })
  }
  for (let version = found + 1; version <= newest; version += 1) {
    connection.exec('BEGIN IMMEDIATE')
    connection.exec(schemaSteps[version - 1] ?? '')
    connection.prepare('INSERT INTO schema_version (version) VALUES (?)').run(version)
    connection.exec('COMMIT')
  }
}
