/** Files that are wrong in exactly one way: the inspector must find that one fault and no other. */
import { fileLinesMax } from './rooms.ts'
import { file, lines } from './sound-files.ts'
import type { Sound } from './sound-files.ts'

interface Planted extends Sound {
  /** What the one sentence must say. */
  readonly fault: RegExp
}

const plantedImports: readonly Planted[] = [
  {
    title: 'a word of the domain that imports the corridor',
    ...file('core/domain/a.ts', "import { b } from '#core/gateway/b.ts'"),
    fault: /a\.ts:2 may not import #core\/gateway\/b\.ts$/,
  },
  {
    title: 'a word of the domain that imports a built-in',
    ...file('core/domain/a.ts', "import { inspect } from 'node:util'"),
    fault: /may not import node:util/,
  },
  {
    title: 'the corridor that imports the code of a service',
    ...file('core/gateway/a.ts', "import { b } from '#services/budget-manager/b.ts'"),
    fault: /may not import #services/,
  },
  {
    title: 'a value hidden among types in a braced import',
    ...file('core/gateway/a.ts', "import {\n  type A,\n  type B,\n} from '#services/budget-manager/b.ts'"),
    fault: /may not import #services/,
  },
  {
    title: 'a service that imports another service, even as a type',
    ...file('services/key-vault/a.ts', "import type { B } from '#services/budget-manager/b.ts'"),
    fault: /may not import type #services/,
  },
  {
    title: 'a service that imports the corridor',
    ...file('services/key-vault/a.ts', "import type { B } from '#core/gateway/b.ts'"),
    fault: /may not import type #core\/gateway/,
  },
  {
    title: 'a store that imports another store',
    ...file('stores/memory/a.ts', "import { b } from '#stores/sqlite/b.ts'"),
    fault: /may not import #stores/,
  },
  {
    title: 'a store that imports the code of a service',
    ...file('stores/memory/a.ts', "import { b } from '#services/rate-limiter/b.ts'"),
    fault: /may not import #services/,
  },
  {
    title: 'the door that imports a store',
    ...file('http/a.ts', "import { b } from '#stores/memory/b.ts'"),
    fault: /may not import #stores/,
  },
  {
    title: 'the settings that import the door',
    ...file('config/a.ts', "import { b } from '#http/b.ts'"),
    fault: /may not import #http/,
  },
  {
    title: 'a command that imports the door',
    ...file('cli/a.ts', "import { b } from '#http/b.ts'"),
    fault: /may not import #http/,
  },
  {
    title: 'an import for its side effect',
    ...file('http/a.ts', "import '#stores/memory/b.ts'"),
    fault: /may not import #stores/,
  },
  {
    title: 'a re-export',
    ...file('http/a.ts', "export * from '#stores/memory/b.ts'"),
    fault: /may not import #stores/,
  },
  {
    title: 'an import called while running',
    ...file('http/a.ts', "export const b = await import('#stores/memory/b.ts')"),
    fault: /may not import #stores/,
  },
  {
    title: 'a computed import',
    ...file('http/a.ts', 'export const b = async (c: string) => import(c)'),
    fault: /computes what it imports/,
  },
  {
    title: 'a relative import',
    ...file('http/openai/a.ts', "import { b } from '../b.ts'"),
    fault: /write it from the root, as '#http\/b\.ts'/,
  },
  {
    title: 'an import without its ending',
    ...file('http/a.ts', "import { b } from '#http/b'"),
    fault: /without its ending \.ts/,
  },
  {
    title: 'an import of a folder that is no room',
    ...file('http/a.ts', "import { b } from '#elsewhere/b.ts'"),
    fault: /may not import #elsewhere/,
  },
  {
    title: 'code that imports test support',
    ...file('http/a.ts', "import { b } from '#tests/support/b.ts'"),
    fault: /may not import #tests/,
  },
  {
    title: 'a unit test that enters another room',
    ...file('services/key-vault/a.test.ts', "import { b } from '#stores/memory/b.ts'"),
    fault: /may not import #stores/,
  },
]

const plantedPackages: readonly Planted[] = [
  {
    title: 'a package away from its only home',
    ...file('services/key-vault/a.ts', "import { Pool } from 'pg'"),
    fault: /may not import pg: its home is stores\/postgres$/,
  },
  {
    title: 'a package that even the entrance leaves in its home',
    ...file('main.ts', "import fastify from 'fastify'"),
    fault: /may not import fastify: its home is http$/,
  },
  {
    title: 'a built-in away from its home, by one of its inner names',
    ...file('services/rate-limiter/a.ts', "import { readFile } from 'node:fs/promises'"),
    fault: /may not import node:fs\/promises/,
  },
  {
    title: 'a package that nobody has given a home',
    ...file('http/a.ts', "import { b } from '@scope/package/inner'"),
    fault: /has no home/,
  },
]

const inRateLimiter = (code: string) => file('services/rate-limiter/a.ts', code)
const plantedWords: readonly Planted[] = [
  {
    title: 'a getter in an object literal',
    ...inRateLimiter('export const a = () => {\n  return {\n    get b() {\n      return 1\n    },\n  }\n}'),
    fault: /a\.ts:4 uses a getter in an object literal/,
  },
  {
    title: 'Date.now',
    ...inRateLimiter('export const a = Date.now()'),
    fault: /a\.ts:2 uses the wall clock/,
  },
  {
    title: 'new Date() of this moment',
    ...inRateLimiter('export const a = new Date()'),
    fault: /wall clock/,
  },
  {
    title: 'performance.now',
    ...inRateLimiter('export const a = performance.now()'),
    fault: /monotonic clock/,
  },
  { title: 'Math.random', ...inRateLimiter('export const a = Math.random()'), fault: /Chance/ },
  { title: 'process.env', ...inRateLimiter("export const a = process.env['B']"), fault: /process\.env/ },
  {
    title: 'the environment taken out of the process',
    ...inRateLimiter('const { env } = process'),
    fault: /process\.env/,
  },
  { title: 'process.exit', ...inRateLimiter('process.exit(1)'), fault: /only main\.ts ends the process/ },
  { title: 'console', ...inRateLimiter("console.log('b')"), fault: /uses console: write to the log/ },
  {
    title: 'a banned word inside a template',
    ...inRateLimiter('export const a = `b ${{ c: Math.random() }.c} d`'),
    fault: /Chance/,
  },
  {
    title: 'a comparison with the name of one provider',
    ...inRateLimiter("export const a = (target: T) => target.provider === 'openai'"),
    fault: /comparison with one provider/,
  },
  {
    title: 'the same comparison, turned round',
    ...inRateLimiter("export const a = (target: T) => 'openai' !== target.provider"),
    fault: /comparison with one provider/,
  },
  {
    title: 'a switch on providers',
    ...inRateLimiter('export function a(target: T) { switch (target.provider) {} }'),
    fault: /comparison with one provider/,
  },
  { title: 'fetch', ...inRateLimiter("export const a = await fetch('b')"), fault: /the one transport/ },
  {
    title: 'structuredClone',
    ...inRateLimiter('export const a = structuredClone(b)'),
    fault: /field by field/,
  },
  { title: 'require', ...inRateLimiter("const a = require('node:fs')"), fault: /write an import line/ },
]

const plantedShapes: readonly Planted[] = [
  { title: 'a file in no room', ...file('elsewhere/a.ts', ''), fault: /is in no room/ },
  { title: 'a file beside the services', ...file('services/a.ts', ''), fault: /is in no room/ },
  { title: 'a file beside main.ts', ...file('server.ts', ''), fault: /is in no room/ },
  {
    title: 'a file that is too long',
    path: 'src/core/domain/a.ts',
    text: lines(fileLinesMax + 1),
    fault: /has 301 lines, and 300 are allowed/,
  },
  {
    title: 'a corridor that does not fit on one screen',
    path: 'src/core/gateway/gateway.ts',
    text: lines(81),
    fault: /has 81 lines, and 80 are allowed/,
  },
  {
    title: 'a file without a header',
    path: 'src/http/a.ts',
    text: 'export const a = 1\n',
    fault: /does not open/,
  },
  {
    title: 'a header that is no sentence',
    path: 'src/http/a.ts',
    text: '// server\nexport const a = 1\n',
    fault: /does not open/,
  },
  { title: 'a name that says nothing', ...file('http/utils.ts', ''), fault: /says nothing/ },
  { title: 'a name that ends in nothing', ...file('http/reply-helpers.ts', ''), fault: /says nothing/ },
  { title: 'a folder that says nothing', ...file('http/common/a.ts', ''), fault: /says nothing/ },
  { title: 'a barrel', ...file('http/index.ts', ''), fault: /says nothing/ },
  { title: 'a name that is not in kebab-case', ...file('http/problemReply.ts', ''), fault: /kebab-case/ },
]

export const plantedFaults: readonly Planted[] = [
  ...plantedImports,
  ...plantedPackages,
  ...plantedWords,
  ...plantedShapes,
]
