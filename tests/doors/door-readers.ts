/** Every door's reader, found by the name of its file. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { asObject } from '#core/domain/json.ts'
import type { DoorReader } from './door-reader.ts'

export const doorReaders: readonly DoorReader[] = await Promise.all(
  readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('-reader.ts') && name !== 'door-reader.ts')
    .sort()
    .map(readerIn),
)

async function readerIn(file: string): Promise<DoorReader> {
  const module: unknown = await import(join(import.meta.dirname, file))
  for (const value of Object.values(asObject(module) ?? {})) if (isReader(value)) return value
  throw new Error(`tests/doors/${file} exports no DoorReader`)
}

function isReader(value: unknown): value is DoorReader {
  return asObject(value)?.['dialect'] !== undefined && typeof asObject(value)?.['ask'] === 'function'
}
