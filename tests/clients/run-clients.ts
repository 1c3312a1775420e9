/**
 * Runs every client from Node through every door to every target, and says how each cell went.
 *
 *   npm run clients                   the whole matrix
 *   npm run clients -- cohere         only clients whose title has this word
 *   npm run clients -- --write        writes what was found into docs/reference/compatibility.md
 */
import { clients } from '#tests/clients/clients.ts'
import { openClientStage } from '#tests/clients/client-stage.ts'
import { printRun, runMatrix } from '#tests/clients/run-matrix.ts'

const words = process.argv.slice(2)
const isWriting = words.includes('--write')
const wanted = words.filter((word) => !word.startsWith('--'))
const chosen = clients.filter(({ title }) => wanted.every((word) => title.includes(word)))

const stage = await openClientStage()
try {
  const run = await runMatrix(stage, chosen)
  printRun(run)
  if (run.faults.length > 0) process.exitCode = 1
  else if (isWriting && wanted.length > 0) throw new Error('Only a whole run can be written.')
} finally {
  await stage.close()
}
