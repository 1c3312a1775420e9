/**
 * Runs the Python clients on the same stage as the others, and says how each cell went.
 *
 *   npm run test:python                   the whole matrix; fails when the page says otherwise
 *   npm run test:python -- cohere         only clients whose title has this word
 *   npm run test:python -- --write        writes what was found into docs/reference/compatibility.md
 */
import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { exampleSettings, examplesIn, runExample } from '#tests/clients/example-runs.ts'
import { openClientStage } from '#tests/clients/client-stage.ts'
import { pagePath, pageWith, readPage, sectionIn, sectionOf } from '#tests/clients/page.ts'
import { pythonClients } from '#tests/clients/python/python-clients.ts'
import { startPythonWorker } from '#tests/clients/python/python-worker.ts'
import { openPythonEnvironment } from '#tests/clients/python/virtual-environment.ts'
import type { PythonEnvironment } from '#tests/clients/python/virtual-environment.ts'
import { printRun, runMatrix } from '#tests/clients/run-matrix.ts'
import type { MatrixRun } from '#tests/clients/run-matrix.ts'
import { startHouse } from '#tests/support/running-house.ts'

const words = process.argv.slice(2)
const isWriting = words.includes('--write')
const wanted = words.filter((word) => !word.startsWith('--'))
if (isWriting && wanted.length > 0) throw new Error('Only a whole run can be written.')

const environment = openPythonEnvironment()
if (environment) {
  await runAll(environment)
  if (wanted.length === 0) await runExamples(environment)
}

async function runAll(environment: PythonEnvironment): Promise<void> {
  const stage = await openClientStage()
  const worker = startPythonWorker(environment.python)
  try {
    const drivers = pythonClients(worker).filter(({ title }) => wanted.every((word) => title.includes(word)))
    const run = await runMatrix(stage, drivers)
    printRun(run)
    if (run.faults.length > 0) process.exitCode = 1
    else if (wanted.length === 0) settlePage(run, environment)
  } finally {
    await worker.close()
    await stage.close()
  }
}

async function runExamples({ python }: PythonEnvironment): Promise<void> {
  const house = await startHouse({ yaml: exampleSettings })
  try {
    for (const file of examplesIn('python', '.py')) {
      await runExample(python, file, house.address)
      console.log(`example ${basename(file)}: works`)
    }
  } finally {
    await house.close()
  }
}

function settlePage(run: MatrixRun, { versions }: PythonEnvironment): void {
  const section = sectionOf('python', run, versions)
  if (isWriting) writeFileSync(pagePath, pageWith(readPage(), 'python', section))
  else if (sectionIn(readPage() ?? '', 'python') !== section) {
    console.log('docs/reference/compatibility.md is stale: npm run test:python -- --write')
    process.exitCode = 1
  }
}
