/** The page about money names only proofs that exist. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'reference', 'money.md'), 'utf8')
const proofs = [...page.matchAll(/`((?:tests|src)\/[\w./-]+\.ts)`(?: "([^"]+)")?/g)].map(
  ([, file = '', name = '']) => ({ file, name }),
)

test('every test that is named as a proof exists under that name', () => {
  assert.ok(proofs.length > 50, `${proofs.length} proofs were found`)
  const missing = proofs.filter(
    ({ file, name }) =>
      !existsSync(join(root, file)) || !readFileSync(join(root, file), 'utf8').includes(name),
  )
  assert.deepEqual(missing, [])
})

test('every metric that is named is measured', () => {
  const metrics = readFileSync(join(root, 'docs', 'reference', 'metrics.md'), 'utf8')
  const named = [...page.matchAll(/`(signalbox_\w+)`/g)].map(([, name = '']) => name)
  assert.ok(named.length > 0)
  assert.deepEqual(
    named.filter((name) => !metrics.includes(`\`${name}\``)),
    [],
  )
})
