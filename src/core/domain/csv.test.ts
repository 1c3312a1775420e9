/** CSV that every reader understands, and no spreadsheet runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeCsv } from '#core/domain/csv.ts'

test('cells are quoted where they must be, and nothing is an empty cell', () => {
  const text = writeCsv(
    ['name', 'n'],
    [
      ['plain', 1],
      ['a,b', null],
      ['say "hi"', 0.5],
      ['two\nlines', -2],
    ],
  )
  assert.equal(text, 'name,n\r\nplain,1\r\n"a,b",\r\n"say ""hi""",0.5\r\n"two\nlines",-2\r\n')
})

test('a name that would be a formula is text', () => {
  for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx']) {
    assert.equal(writeCsv(['n'], [[name]]), `n\r\n'${name}\r\n`)
  }
})
