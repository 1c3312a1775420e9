/** Files that only look wrong: the inspector must let them pass. */
import { fileLinesMax, shorterFiles } from './rooms.ts'

export interface Sound {
  readonly title: string
  readonly path: string
  readonly text: string
}

const header = '/** One sentence that says what this is. */\n'
/** A file of src with its header and this code. */
export const file = (path: string, code: string): Pick<Sound, 'path' | 'text'> => ({
  path: `src/${path}`,
  text: `${header}${code}\n`,
})
/** A file of so many lines. */
export const lines = (count: number): string => header + '\n'.repeat(count - 1)

export const soundFiles: readonly Sound[] = [
  {
    title: 'a getter of a class, and of an object that is there once',
    ...file(
      'core/domain/a.ts',
      'export class A {\n  get b(): number {\n    return 1\n  }\n}\nexport const c = {\n  get d(): number {\n    return 1\n  },\n}',
    ),
  },
  {
    title: 'the type of a service in the corridor',
    ...file('core/gateway/a.ts', "import type { B } from '#services/budget-manager/b.ts'"),
  },
  {
    title: 'a neighbour in the own folder',
    ...file('services/key-vault/sources/a.ts', "import { b } from '#services/key-vault/b.ts'"),
  },
  {
    title: 'a package in its home, and a plain built-in anywhere outside core',
    ...file(
      'services/llm-adapters/a.ts',
      "import { pipeline } from 'node:stream/promises'\nimport { Pool } from 'undici'",
    ),
  },
  {
    title: 'a package that all stores share',
    ...file('stores/memory/a.ts', "import { randomBytes } from 'node:crypto'"),
  },
  {
    title: 'banned words and imports in comments, strings and regular expressions',
    ...file(
      'core/domain/a.ts',
      [
        "// import { b } from '#http/b.ts' at Date.now()",
        'export const a = \'console.log(Math.random()) and import("x")\'',
        'export const b = (text: string) => /["`]process.env/.test(text) ? 1 / 2 : `fetch(${a}) Date.now()`',
        '/* require("c") */',
      ].join('\n'),
    ),
  },
  {
    title: 'a date made of a value, and a filter by provider',
    ...file(
      'stores/sqlite/a.ts',
      'export const a = (row: R, wanted: R) => row.provider === wanted.provider && new Date(row.atMs)',
    ),
  },
  {
    title: 'a word and an import at home in the entrance',
    ...file(
      'main-signals.ts',
      "import { b } from '#stores/memory/b.ts'\nprocess.once('SIGTERM', () => b(Date.now()))",
    ),
  },
  {
    title: 'a unit test with its own tools',
    path: 'src/services/key-vault/a.test.ts',
    text: [
      "import test from 'node:test'",
      "import { a } from '#services/key-vault/a.ts'",
      "import { fakeClock } from '#tests/support/fake-clock.ts'",
      "test('a', () => a(fakeClock(Date.now())))",
    ].join('\n'),
  },
  { title: 'a file of just the longest length', path: 'src/core/domain/a.ts', text: lines(fileLinesMax) },
  {
    title: 'a corridor of just the longest length',
    path: 'src/core/gateway/gateway.ts',
    text: lines(shorterFiles['src/core/gateway/gateway.ts'] ?? 0),
  },
]
