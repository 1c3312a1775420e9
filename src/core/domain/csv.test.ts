/** CSV that every reader understands, and no spreadsheet runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseCsv, writeCsv } from '#core/domain/csv.ts'

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

test('what was written is read again, whatever stands in it', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ' ', '"', ',', '\n', '\r', 'é') })
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 })
  const plain = rows.filter((drawn) => drawn.flat().every((text) => !text.startsWith('\r')))
  fc.assert(
    fc.property(plain, ([header = [], ...rest]) => {
      assert.deepEqual(parseCsv(writeCsv(header, rest)), [header, ...rest])
    }),
  )
})

test('other writers are read too: a mark before the text, plain line ends, an open quote', () => {
  assert.deepEqual(parseCsv('\uFEFFa,b\n1,\n"x ""y""",2'), [
    ['a', 'b'],
    ['1', ''],
    ['x "y"', '2'],
  ])
  assert.deepEqual(parseCsv('a,"b\n,c'), [['a', 'b\n,c']])
  assert.deepEqual(parseCsv(''), [])
})
