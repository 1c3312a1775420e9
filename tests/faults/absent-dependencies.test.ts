/** The table of what happens when a dependency is away names only tests that exist. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'guides', 'load.md'), 'utf8')
const table = page.slice(page.indexOf('| Away | What happens | Shown by |'))

/** Each file, with all the names in quotes that follow it in its cell. */
const proofs = [...table.matchAll(/`((?:tests|src)\/[\w./-]+\.ts)`((?:,? "[^"]+")*)/g)].map(
  ([, file = '', quoted = '']) => ({
    file,
    names: [...quoted.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name),
  }),
)

test('every test that the table names exists under that name', () => {
  assert.ok(proofs.length >= 15, `${proofs.length} tests were found`)
  const missing = proofs.flatMap(({ file, names }) => {
    const path = join(root, file)
    if (!existsSync(path)) return [file]
    const text = readFileSync(path, 'utf8')
    return names.filter((name) => !text.includes(name)).map((name) => `${file}: ${name}`)
  })
  assert.deepEqual(missing, [])
})

test('every row names a test, or says that there is none', () => {
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
  const silent = rows.filter((row) => !/`(?:tests|src)\/[^`]+`|no test of its own \||\| - \|/.test(row))
  assert.deepEqual(silent, [])
})
