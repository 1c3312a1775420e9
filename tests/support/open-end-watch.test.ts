/** A test file that never ends is told as a failure, with what is open; one that ends by itself is not touched. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

const watch = path.join(import.meta.dirname, 'open-end-watch.ts')
const imports = `import { test } from 'node:test'\n`

function run(source: string) {
  const directory = mkdtempSync(path.join(tmpdir(), 'signalbox-open-end-'))
  const file = path.join(directory, 'watched.test.mjs')
  writeFileSync(file, imports + source)
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const ran = spawnSync(process.execPath, ['--import', watch, '--test', file], {
    env: { ...env, OPEN_END_GRACE_MS: '50' },
    encoding: 'utf8',
  })
  rmSync(directory, { recursive: true })
  return { status: ran.status, said: ran.stdout + ran.stderr }
}

test('a file whose tests pass and that never ends fails, and what is open is named', () => {
  const { status, said } = run(`test('leaves a timer', () => void setInterval(() => {}, 1000))`)
  assert.equal(status, 1)
  assert.match(said, /it does not end\. Still open: .*1 Timeout/)
})

test('a file that ends by itself passes', () => {
  const { status, said } = run(`test('leaves nothing', () => undefined)`)
  assert.equal(status, 0, said)
  assert.doesNotMatch(said, /Still open/)
})
