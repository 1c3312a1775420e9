/** Access control alone, for the commands that make and end keys without opening the whole house. */
import { join } from 'node:path'
import { pepperOf } from '#composition/pepper.ts'
import { systemClock } from '#composition/weather.ts'
import type { Config } from '#config/config.ts'
import { keyPermissions } from '#core/domain/caller.ts'
import type { Caller } from '#core/domain/caller.ts'
import { createAccessControl } from '#services/access-control/access-control.ts'
import type { AccessControl } from '#services/access-control/access-control.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteDirectory } from '#stores/sqlite/directory.ts'

export interface KeyRoom {
  readonly accessControl: AccessControl
  /** Who may do everything: the person at this machine's terminal. */
  readonly operator: Caller
  nowMs(): number
  close(): void
}

/** The file of records in a data directory. */
export const databaseFile = (config: Config) => join(config.storage.dataDir, 'signalbox.db')

/** Throws `store_unavailable`, also while a running Signalbox holds the data directory. */
export function openKeyRoom(config: Config): KeyRoom {
  const pepper = pepperOf(config.storage.dataDir)
  const database = openDatabase({ file: databaseFile(config) })
  const directory = createSqliteDirectory(database)
  return {
    accessControl: createAccessControl({ directory, clock: systemClock }, { ...config.access, pepper }),
    operator: {
      tenantId: config.access.developmentTenant,
      keyId: 'command-line',
      role: 'operator',
      permissions: new Set(keyPermissions),
    },
    nowMs: () => systemClock.nowMs(),
    close: () => database.close(),
  }
}
