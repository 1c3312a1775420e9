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

/** Of the failure table: failure, what happens, overspent at most, state, proof. */
const failures = page
  .slice(page.indexOf('\n| Failure |'), page.indexOf('\nWhat a budget degrades'))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')))

test('every failure names its proof, unless it is known not to be proven', () => {
  assert.ok(failures.length > 40, `${failures.length} failures were found`)
  const unproven = failures.filter(
    ([, , , state = '', proof = '']) => !proof.includes('.ts`') && !state.startsWith('known'),
  )
  assert.deepEqual(unproven, [])
})

/** The checker of the books, and the model's own look at the bill. */
const checks = /\b(?:assertMoney|checkMoney|assertNothingOverspent)\(|look\(billed > limit, 'overspend'\)/

/** Where a proof has its checks from, when they do not stand in its own file. */
const helpers: Readonly<Record<string, string>> = {
  'tests/money/model-check.test.ts': 'tests/money/model-walk.ts',
}

test('where nothing can be overspent, a test that is named asserts it by the independent check', () => {
  const promised = failures.filter(([, , most = '']) => most.startsWith('0'))
  assert.ok(promised.length > 25, `${promised.length} promises were found`)
  const unchecked = promised.filter(([, , , , proof = '']) => {
    const files = [...proof.matchAll(/`((?:tests|src)\/[\w./-]+\.ts)`/g)].map(([, file = '']) => file)
    return !files.some((file) => checks.test(readFileSync(join(root, helpers[file] ?? file), 'utf8')))
  })
  assert.deepEqual(
    unchecked.map(([failure]) => failure),
    [],
  )
})
