/** Which instance this is: named once for each data directory, because what it was charged is kept there. */
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

/** Throws `store_unavailable` when the name cannot be written. */
export function instanceOf(database: EmbeddedDatabase, uniqueId: () => string): string {
  return database.transaction(() => {
    const known = database.connection.prepare('SELECT instance FROM instance_identity').get()
    if (typeof known?.['instance'] === 'string') return known['instance']
    const instance = uniqueId()
    database.connection.prepare('INSERT INTO instance_identity (instance) VALUES (?)').run(instance)
    return instance
  })
}
