/**
 * Copies recordings into tests/golden, each as one small file with the words that are expected of it.
 *
 *   node tools/import-recordings.ts DIRECTORY ID...      adds these recordings
 *   node tools/import-recordings.ts DIRECTORY --again    writes those that are there already once more
 *
 * DIRECTORY holds `index.json` with the expectations, one file for each recording and `errors-documented.json`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { goldenDirectory, readGoldenRecordings } from '../tests/support/golden-recordings.ts'
import type { Recording } from '../tests/support/recording.ts'
import { readRecordingsDirectory } from '../tests/support/recordings-directory.ts'

const [directory, ...wanted] = process.argv.slice(2)
if (directory === undefined || wanted.length === 0) {
  throw new Error('Usage: import-recordings.ts DIRECTORY (ID... | --again)')
}

const recordings = new Map(readRecordingsDirectory(directory).map((recording) => [recording.name, recording]))
const byGoldenName = new Map([...recordings].map(([, recording]) => [goldenNameOf(recording), recording]))
const chosen = wanted.includes('--again')
  ? readGoldenRecordings().map(({ name }) => byGoldenName.get(name) ?? missing(name))
  : wanted.map((id) => recordings.get(id) ?? missing(id))

let bytes = 0
for (const recording of chosen) {
  const name = goldenNameOf(recording)
  const path = join(goldenDirectory, recording.dialect, `${name}.json`)
  const text = `${JSON.stringify({ ...recording, name }, null, 1)}\n`
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  bytes += Buffer.byteLength(text)
}
console.log(`${chosen.length} recordings, ${bytes} bytes`)

/** `google.google-generate.google-text.d2fcfcb0` stands in a folder of its dialect as `google-google-text-d2fcfcb0`. */
function goldenNameOf(recording: Recording): string {
  const [first = '', second = '', ...rest] = recording.name.split('.')
  const words = first === 'doc' ? ['documented', second, ...rest] : [first, ...rest]
  return words
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
}

function missing(name: string): never {
  throw new Error(`There is no recording "${name}" in ${directory}.`)
}
