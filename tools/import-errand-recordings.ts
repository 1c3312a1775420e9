/**
 * Copies recordings of embeddings, rankings and counts into tests/golden/errands, each as one small file.
 *
 *   node tools/import-errand-recordings.ts DIRECTORY
 *
 * DIRECTORY holds `index.json` with the expectations and one file for each recording.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { goldenErrandsDirectory, readErrandsDirectory } from '../tests/support/errand-recordings.ts'

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('Usage: import-errand-recordings.ts DIRECTORY')

mkdirSync(goldenErrandsDirectory, { recursive: true })
let bytes = 0
const recordings = readErrandsDirectory(directory)
for (const recording of recordings) {
  const name = recording.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const text = `${JSON.stringify({ ...recording, name }, null, 1)}\n`
  writeFileSync(join(goldenErrandsDirectory, `${name}.json`), text)
  bytes += Buffer.byteLength(text)
}
console.log(`${recordings.length} recordings, ${bytes} bytes`)
