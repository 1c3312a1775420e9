/** Access control alone, for the commands that make and end keys without opening the whole house. */
import { join } from 'node:path'
import { pepperFor } from '#composition/pepper.ts'
import { systemClock } from '#composition/weather.ts'
import type { Config } from '#config/config.ts'
import { keyPermissions } from '#core/domain/caller.ts'
import type { Caller } from '#core/domain/caller.ts'
import { createAccessControl } from '#services/access-control/access-control.ts'
import type { AccessControl } from '#services/access-control/access-control.ts'
import type { Directory } from '#services/access-control/directory.ts'
import { openPostgres } from '#stores/postgres/database.ts'
import { createPostgresDirectory } from '#stores/postgres/directory.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteDirectory } from '#stores/sqlite/directory.ts'

export interface KeyRoom {
  readonly accessControl: AccessControl
  /** Who may do everything: the person at this machine's terminal. */
  readonly operator: Caller
  nowMs(): number
  close(): Promise<void>
}

/** The file of records in a data directory. */
export const databaseFile = (config: Config) => join(config.storage.dataDir, 'signalbox.db')

/** Works beside a running Signalbox. Throws `config_invalid`, `store_unavailable`. */
export async function openKeyRoom(config: Config): Promise<KeyRoom> {
  const pepper = pepperFor(config)
  const { directory, close } = await openDirectory(config)
  return {
    accessControl: createAccessControl({ directory, clock: systemClock }, { ...config.access, pepper }),
    operator: {
      tenantId: config.access.developmentTenant,
      keyId: 'command-line',
      role: 'operator',
      permissions: new Set(keyPermissions),
    },
    nowMs: () => systemClock.nowMs(),
    close,
  }
}

interface OpenDirectory {
  readonly directory: Directory
  readonly close: () => Promise<void>
}

/** A running Signalbox keeps no key in memory for longer than ten seconds, of its own file as of a shared database. */
async function openDirectory(config: Config): Promise<OpenDirectory> {
  const { postgres } = config.storage
  if (!postgres) {
    const database = openDatabase({ file: databaseFile(config), isBeside: true })
    return { directory: createSqliteDirectory(database), close: async () => database.close() }
  }
  // A command ends before an idle connection could fail.
  const database = await openPostgres(postgres, () => undefined)
  return { directory: createPostgresDirectory(database), close: () => database.close() }
}
