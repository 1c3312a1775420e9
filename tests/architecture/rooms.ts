/** The plan of the house: which room may import which, where every package lives, and what is not said where. */

export interface Room {
  /** A path below src/. A star stands for one folder name: every such folder is a room of its own. */
  readonly path: string
  /** Other rooms it may import; its own folder always, `*` for all. */
  readonly mayImport: readonly string[]
  /** Other rooms that it may import with `import type` only. */
  readonly mayImportTypes: readonly string[]
  /** What is said of it in ARCHITECTURE.md. */
  readonly purpose: string
}

/** The first room whose path fits a file is the file's room; a file without one is a fault. */
export const rooms: readonly Room[] = [
  {
    path: 'core/domain',
    purpose: 'the words: types and pure functions',
    mayImport: [],
    mayImportTypes: [],
  },
  {
    path: 'core/gateway',
    purpose: "the corridor: a request's life in order",
    mayImport: ['core/domain'],
    mayImportTypes: ['services/*'],
  },
  {
    path: 'services/*',
    purpose: 'the rooms: one concept each',
    mayImport: ['core/domain'],
    mayImportTypes: [],
  },
  {
    path: 'stores/sql',
    purpose: 'the SQL that the databases of the cellar share',
    mayImport: ['core/domain'],
    mayImportTypes: ['services/*'],
  },
  {
    path: 'stores/*',
    purpose: 'the cellar: what is kept, and where',
    mayImport: ['core/domain', 'stores/sql'],
    mayImportTypes: ['services/*'],
  },
  {
    path: 'http',
    purpose: 'the door: bytes into words, words into bytes',
    mayImport: ['core/domain'],
    mayImportTypes: ['core/gateway', 'services/*'],
  },
  {
    path: 'config',
    purpose: 'the settings: one schema, loaded whole or not at all',
    mayImport: ['core/domain'],
    mayImportTypes: [],
  },
  {
    path: 'cli',
    purpose: 'the commands of the command line',
    mayImport: ['core/domain', 'config', 'services/*', 'stores/*', 'composition'],
    mayImportTypes: [],
  },
  {
    path: 'composition',
    purpose: 'where every room is built and joined to the others',
    mayImport: ['*'],
    mayImportTypes: [],
  },
  {
    path: 'main.ts',
    purpose: 'opens the door and closes it gently: signals and exit codes',
    mayImport: ['*'],
    mayImportTypes: [],
  },
]

/** Every package and guarded built-in, and the rooms that may import it. What is not listed has no home yet. */
export const packageHomes: Readonly<Record<string, readonly string[]>> = {
  '@fastify/swagger': ['http'],
  '@prometheus-io/client': ['services/analytics-collector'],
  '@scalar/fastify-api-reference': ['http'],
  fastify: ['http'],
  'fastify-type-provider-zod': ['http'],
  ioredis: ['stores/redis'],
  'lru-cache': ['services/response-cache', 'stores/memory'],
  nodemailer: ['services/alerts'],
  pg: ['stores/postgres'],
  pino: ['http', 'main.ts', 'composition'],
  undici: ['services/alerts', 'services/key-vault', 'services/llm-adapters'],
  yaml: ['config'],
  zod: ['config', 'http'],
  'node:async_hooks': ['services/analytics-collector', 'main.ts', 'composition'],
  'node:crypto': [
    'services/access-control',
    'services/alerts',
    'services/idempotency',
    'services/key-vault',
    'services/response-cache',
    'services/response-store',
    'stores/*',
    'http',
    'main.ts',
    'composition',
  ],
  'node:dns': ['services/llm-adapters'],
  'node:fs': ['services/key-vault', 'stores/sqlite', 'config', 'cli', 'main.ts', 'composition'],
  'node:http': ['http'],
  'node:net': ['services/llm-adapters', 'http'],
  'node:os': ['main.ts', 'composition'],
  'node:perf_hooks': ['services/analytics-collector', 'main.ts', 'composition'],
  'node:readline': ['cli'],
  'node:sqlite': ['stores/sqlite'],
  'node:timers': ['services/analytics-collector', 'composition'],
  'node:tls': ['services/llm-adapters'],
  'node:v8': ['services/idempotency', 'composition'],
  'node:worker_threads': ['stores/sqlite'],
}

/** Built-ins that touch neither time, chance, disk nor network: every room outside core may use them. */
export const plainBuiltIns: readonly string[] = [
  'node:buffer',
  'node:events',
  'node:path',
  'node:stream',
  'node:string_decoder',
  'node:url',
  'node:util',
  'node:zlib',
]

export interface BannedWord {
  /** Matched against code alone: comments are blanked and strings are empty quotes. */
  readonly pattern: RegExp
  readonly word: string
  readonly instead: string
  /** Rooms in which the word is at home. */
  readonly homes: readonly string[]
}

const entrance = ['main.ts', 'composition']

/** Words that enter a rule by the back door, and what to write in their place. */
export const bannedWords: readonly BannedWord[] = [
  {
    word: 'a getter in an object literal',
    // The formatter indents the members of a class by two spaces, and those of any object inside a function by more.
    pattern: /(?<=\n {3,})get \w+\(\)/,
    instead:
      'make it a method, a plain member that is kept up to date, or a class (docs/decisions/0012: V8 keeps alive what it reaches)',
    homes: [],
  },
  {
    word: 'the wall clock',
    pattern: /\bDate\.now\b|\bnew Date(?:\(\s*\)|(?!\s*\())|\bTemporal\.Now\b/,
    instead: 'take the Clock of #core/domain/clock.ts',
    homes: entrance,
  },
  {
    word: 'the monotonic clock',
    pattern: /\bperformance\.(?:now|timeOrigin)\b|\bprocess\.(?:hrtime|uptime)\b/,
    instead: 'take the Clock of #core/domain/clock.ts',
    homes: entrance,
  },
  {
    word: 'Math.random',
    pattern: /\bMath\.random\b/,
    instead: 'take the Chance of #core/domain/clock.ts',
    homes: entrance,
  },
  {
    word: 'process.env',
    pattern: /\bprocess(?:\.env\b|\[)|\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b/,
    instead: 'take a setting: only config reads the environment',
    homes: ['config'],
  },
  {
    word: 'the process',
    pattern: /\bprocess\.(?:exit|exitCode|kill|abort|on|once)\b/,
    instead: 'throw a Problem or return: only main.ts ends the process and hears its signals',
    homes: [...entrance, 'cli'],
  },
  {
    word: 'console',
    pattern: /\bconsole\s*[.[]/,
    instead: 'write to the log that is handed in',
    homes: [...entrance, 'cli'],
  },
  {
    // A comparison of two variables is a filter; one with a literal, or a switch, gives one provider a special case.
    word: 'a comparison with one provider',
    pattern:
      /\bprovider(?:Name|Id|\.name|\.id)?\s*[!=]==?\s*["'`]|["'`]\s*[!=]==?\s*(?:[\w$]+\??\.)*provider(?:Name|Id|\.name|\.id)?\b(?!\s*[.([])|\bswitch\s*\((?:[\w$]+\??\.)*provider(?:Name|Id|\.name|\.id)?\)/,
    instead: "put the difference into the provider's row of data or its adapter",
    homes: [],
  },
  {
    word: 'fetch',
    pattern: /(?<![.\w$])fetch\s*\(/,
    instead: 'use the one transport of services/llm-adapters',
    homes: ['cli'],
  },
  {
    word: 'structuredClone',
    pattern: /\bstructuredClone\b/,
    instead: 'build the new object field by field: a deep copy of a body is slow',
    homes: ['config', 'cli', ...entrance],
  },
  {
    word: 'require',
    pattern: /\bcreateRequire\b|(?<![.\w$])require\s*\(/,
    instead: 'write an import line, which names the room that it enters',
    homes: [],
  },
]

/** Names that say nothing: as a whole, or as the last word of a name. */
export const emptyNames: readonly string[] = [
  'common',
  'helper',
  'helpers',
  'index',
  'misc',
  'shared',
  'types',
  'util',
  'utils',
]

export const fileLinesMax = 300

/** Files that stay shorter than the rest, because they are read first. */
export const shorterFiles: Readonly<Record<string, number>> = { 'src/core/gateway/gateway.ts': 80 }
