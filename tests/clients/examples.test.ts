/** Every example works as it stands against a start without keys. Those in Python are run by `npm run test:python`. */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { exampleSettings, examplesIn, runExample } from '#tests/clients/example-runs.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

let house: RunningHouse
before(async () => {
  house = await startHouse({ yaml: exampleSettings })
})
after(() => house.close())

/** What says words says that they are made up; vectors cannot. */
const wordless = new Set(['embeddings.ts'])

describe('the example', () => {
  for (const file of examplesIn('.', '.ts')) {
    it(basename(file), async () => {
      const said = await runExample(process.execPath, file, house.address)
      if (!wordless.has(basename(file))) assert.match(said, /simulated/)
    })
  }
})
