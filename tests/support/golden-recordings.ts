/** The recordings that are kept in this repository, under tests/golden/<dialect>/<case>.json. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Dialect } from '../../src/core/domain/chat.ts'
import type { Recording } from './recording.ts'

export const goldenDirectory = join(import.meta.dirname, '..', 'golden')

/** Every golden recording, or those of one dialect, in the order of their names. */
export function readGoldenRecordings(dialect?: Dialect): readonly Recording[] {
  const folders = readdirSync(goldenDirectory, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && (dialect === undefined || entry.name === dialect),
  )
  return folders.flatMap((folder) =>
    readdirSync(join(goldenDirectory, folder.name))
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => readGolden(join(goldenDirectory, folder.name, name))),
  )
}

/** One golden recording by dialect and case name. Throws when there is no such file. */
export function goldenRecording(dialect: Dialect, name: string): Recording {
  return readGolden(join(goldenDirectory, dialect, `${name}.json`))
}

function readGolden(path: string): Recording {
  return JSON.parse(readFileSync(path, 'utf8')) as Recording
}
