/** The house inspects itself, and shows by planted faults that it can see. */
import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { sep } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { importTable, importTableIn } from './architecture/import-table.ts'
import { faultsOf } from './architecture/inspector.ts'
import { plantedFaults } from './architecture/planted-faults.ts'
import { soundFiles } from './architecture/sound-files.ts'
import { importsOf } from './architecture/source-text.ts'

const root = new URL('..', import.meta.url)

/** Every TypeScript file below these folders, by its path from the root, with its text. */
async function readFiles(folders: string): Promise<[path: string, text: string][]> {
  const files: [string, string][] = []
  for await (const path of glob(`${folders}/**/*.ts`, {
    cwd: fileURLToPath(root),
    exclude: ['**/node_modules/**'],
  })) {
    files.push([path.split(sep).join('/'), await readFile(new URL(path, root), 'utf8')])
  }
  return files.sort(([one], [other]) => (one < other ? -1 : 1))
}

test('every file of src keeps to its room', async () => {
  const files = await readFiles('src')
  assert.ok(files.length > 0, 'no file was found to inspect')
  assert.deepEqual(
    files.flatMap(([path, text]) => faultsOf(path, text)),
    [],
  )
})

test('the load scripts and the examples know only the public API', async () => {
  const files = await readFiles('{bench,examples}')
  const intruders = files.flatMap(([path, text]) =>
    importsOf(text)
      .filter(({ target }) => target === undefined || /^#(?!tests\/)|(?:^|\/)src\//.test(target))
      .map(({ target, lineNumber }) => `${path}:${lineNumber} imports ${target ?? 'something computed'}`),
  )
  assert.deepEqual(intruders, [])
})

test('the import table in ARCHITECTURE.md is the one that the inspector enforces', async () => {
  const page = await readFile(new URL('ARCHITECTURE.md', root), 'utf8')
  assert.equal(importTableIn(page), importTable())
})

for (const { title, path, text, fault } of plantedFaults) {
  test(`the inspector sees ${title}`, () => {
    const faults = faultsOf(path, text)
    assert.equal(faults.length, 1, `one fault was planted, and these were found: ${faults.join('; ')}`)
    assert.match(faults[0]!, fault)
  })
}

for (const { title, path, text } of soundFiles) {
  test(`the inspector lets pass ${title}`, () => {
    assert.deepEqual(faultsOf(path, text), [])
  })
}
