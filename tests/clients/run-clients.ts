/**
 * Runs every client from Node through every door to every target, and says how each cell went.
 *
 *   npm run clients                   the whole matrix
 *   npm run clients -- cohere         only clients whose title has this word
 *   npm run clients -- --write        writes what was found into docs/reference/compatibility.md
 */
import { writeFileSync } from 'node:fs'
import { clients } from '#tests/clients/clients.ts'
import { openClientStage } from '#tests/clients/client-stage.ts'
import { installedPackages } from '#tests/clients/installed-packages.ts'
import { pagePath, pageWith, readPage, sectionOf } from '#tests/clients/page.ts'
import { printRun, runMatrix } from '#tests/clients/run-matrix.ts'

const words = process.argv.slice(2)
const isWriting = words.includes('--write')
const wanted = words.filter((word) => !word.startsWith('--'))
if (isWriting && wanted.length > 0) throw new Error('Only a whole run can be written.')
const chosen = clients.filter(({ title }) => wanted.every((word) => title.includes(word)))

const stage = await openClientStage()
try {
  const run = await runMatrix(stage, chosen)
  printRun(run)
  if (run.faults.length > 0) process.exitCode = 1
  else if (isWriting) {
    const section = sectionOf('javascript', run, installedPackages)
    writeFileSync(pagePath, pageWith(readPage(), 'javascript', section))
  }
} finally {
  await stage.close()
}
