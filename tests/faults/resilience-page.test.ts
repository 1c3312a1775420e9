/** The page of resilience lists the faults that are tried, with what must become of each, and scores of the same shape. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { coveringCases, everyCase } from '#tests/faults/fault-plan.ts'
import { faultModes } from '#tests/faults/fault-modes.ts'
import { faultTable } from '#tests/faults/fault-words.ts'
import { outages } from '#tests/faults/outages.ts'
import { readPage, sectionIn } from '#tests/faults/resilience-page.ts'
import { phases } from '#tests/faults/scorecard.ts'

const again = 'run `npm run scorecard -- --write`'

/** The cells of a table's rows, without its head. */
const rowsIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

it('every fault stands there with its right behaviour', () => {
  assert.equal(sectionIn(readPage(), 'faults'), faultTable(), again)
})

it('the scores are of these faults, and none of them is a success that is none', () => {
  const rows = rowsIn(sectionIn(readPage(), 'scores'))
  assert.deepEqual(
    rows.map(([title]) => title),
    [...phases, '**all**'],
    again,
  )
  for (const row of rows) assert.deepEqual(row.slice(-2), ['0', '0'], `${row[0] ?? ''}: ${again}`)
  const [, faults, cases] = rows.at(-1) ?? []
  assert.equal(faults, String(faultModes.length), again)
  assert.ok([coveringCases().length, everyCase().length].includes(Number(cases)), again)
})

it('the outages are those that are run, and cost no caller an answer', () => {
  const rows = rowsIn(sectionIn(readPage(), 'outages'))
  assert.deepEqual(
    rows.map(([name]) => name),
    outages().map(({ name }) => name),
    again,
  )
  for (const row of rows) assert.equal(row[4], '0', row[0] ?? '')
})
