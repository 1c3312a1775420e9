/** The house inspector: everything that is wrong with one file of src/, in plain sentences. */
import { posix } from 'node:path'
import {
  bannedWords,
  emptyNames,
  fileLinesMax,
  packageHomes,
  plainBuiltIns,
  rooms,
  shorterFiles,
} from './rooms.ts'
import type { Room } from './rooms.ts'
import { codeOf, headerOf, importsOf, lineNumberAt } from './source-text.ts'
import type { ImportLine } from './source-text.ts'

/** Where a file stands: its room, and the folder that is its own (for `services/*`, that one service). */
interface Place {
  readonly room: Room
  readonly folder: string
}

/** What is wrong with the file at this path (from the root of the repository, with forward slashes). */
export function faultsOf(path: string, text: string): string[] {
  const place = placeOf(path.replace(/^src\//, ''))
  if (place === undefined) return [`${path} is in no room`]
  const isTest = path.endsWith('.test.ts')
  return [
    ...nameFaults(path),
    ...sizeFaults(path, text),
    ...(isTest ? [] : headerFaults(path, text)),
    ...(isTest ? [] : wordFaults(path, text, place)),
    ...importsOf(text).flatMap((line) => importFaults(path, line, place)),
  ]
}

function placeOf(pathInSource: string): Place | undefined {
  for (const room of rooms) {
    const folder = new RegExp(`^${room.path.replace('.', '\\.').replace('*', '[^/]+')}(?=/|$)`).exec(
      pathInSource,
    )?.[0]
    if (folder === undefined) continue
    // `services/x.ts` is not inside any of the folders that `services/*` stands for.
    if (room.path.endsWith('*') && !pathInSource.startsWith(`${folder}/`)) continue
    return { room, folder }
  }
  // main.ts may be cut into main-*.ts files, which stay the same room.
  return /^main-[^/]+$/.test(pathInSource) ? placeOf('main.ts') : undefined
}

function importFaults(path: string, line: ImportLine, place: Place): string[] {
  const where = `${path}:${line.lineNumber}`
  const { target } = line
  if (target === undefined)
    return [`${where} computes what it imports, so nobody can see which room it enters`]
  if (target.startsWith('.')) {
    return [`${where} imports ${target}: write it from the root, as '#${rooted(path, target)}'`]
  }
  if (target.startsWith('#tests/'))
    return path.endsWith('.test.ts') ? [] : [`${where} may not import ${target}`]
  if (!target.startsWith('#')) return path.endsWith('.test.ts') ? [] : packageFaults(where, target, place)
  if (!target.endsWith('.ts')) return [`${where} imports ${target} without its ending .ts`]
  if (mayEnter(place, target.slice(1), line.isTypeOnly)) return []
  return [`${where} may not import ${line.isTypeOnly ? 'type ' : ''}${target}`]
}

function mayEnter({ room, folder }: Place, pathInSource: string, isTypeOnly: boolean): boolean {
  if (room.mayImport.includes('*') || pathInSource === folder || pathInSource.startsWith(`${folder}/`))
    return true
  const other = placeOf(pathInSource)?.room.path
  if (other === undefined) return false
  return room.mayImport.includes(other) || (isTypeOnly && room.mayImportTypes.includes(other))
}

function packageFaults(where: string, target: string, place: Place): string[] {
  const name = packageNameOf(target)
  const isCore = place.room.path.startsWith('core/')
  if (!isCore && plainBuiltIns.includes(name)) return []
  const homes = Object.hasOwn(packageHomes, name) ? (packageHomes[name] ?? []) : []
  if (isAtHome(place, homes)) return []
  const advice =
    homes.length > 0 ? `its home is ${homes.join(', ')}` : 'it has no home in tests/architecture/rooms.ts'
  return [`${where} may not import ${target}: ${advice}`]
}

/** The package of `@a/b/c` is `@a/b`; the built-in of `node:fs/promises` is `node:fs`. */
function packageNameOf(target: string): string {
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/')
}

function isAtHome({ room, folder }: Place, homes: readonly string[]): boolean {
  return homes.includes(room.path) || homes.includes(folder)
}

function wordFaults(path: string, text: string, place: Place): string[] {
  const code = codeOf(text)
  return bannedWords.flatMap(({ word, pattern, instead, homes }) => {
    if (isAtHome(place, homes)) return []
    return [...code.matchAll(new RegExp(pattern, 'g'))].map(
      (found) => `${path}:${lineNumberAt(text, found.index)} uses ${word}: ${instead}`,
    )
  })
}

function nameFaults(path: string): string[] {
  const parts = path.replace(/(\.test)?\.ts$/, '').split('/')
  return parts.flatMap((part) => {
    if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(part)) return [`${path} is not in kebab-case: ${part}`]
    const lastWord = part.split('-').at(-1) ?? ''
    return emptyNames.includes(lastWord)
      ? [`${path} says nothing with the name ${part}: name the thing inside`]
      : []
  })
}

function sizeFaults(path: string, text: string): string[] {
  const linesMax = shorterFiles[path] ?? fileLinesMax
  const lines = text.replace(/\n$/, '').split('\n').length
  return lines > linesMax
    ? [`${path} has ${lines} lines, and ${linesMax} are allowed: name the missing concept`]
    : []
}

function headerFaults(path: string, text: string): string[] {
  const isSentence = /^\S+(?: \S+){3,}/.test(headerOf(text)) && /[.:!]/.test(headerOf(text))
  return isSentence ? [] : [`${path} does not open with one sentence that says what it is`]
}

function rooted(path: string, target: string): string {
  return posix.join(posix.dirname(path), target).replace(/^src\//, '')
}
