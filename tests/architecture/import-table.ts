/** Writes the import rules as the Markdown table that ARCHITECTURE.md shows. */
import { packageHomes, rooms } from './rooms.ts'
import type { Room } from './rooms.ts'

const start = '<!-- import-table:start -->'
const end = '<!-- import-table:end -->'

/** One row for each room, in the order of tests/architecture/rooms.ts. */
export function importTable(): string {
  return [
    '| Room | may import | as types only | may import of packages and guarded built-ins |',
    '|---|---|---|---|',
    ...rooms.map(
      (room) =>
        `| ${named(room.path)}: ${room.purpose} | ${mayImport(room)} | ${list(room.mayImportTypes.map(named))} | ${packagesOf(room)} |`,
    ),
  ].join('\n')
}

/** What stands between the two markers of a page, or nothing if a marker is missing. */
export function importTableIn(page: string): string | undefined {
  const from = page.indexOf(start)
  const to = page.indexOf(end)
  return from < 0 || to < from ? undefined : page.slice(from + start.length, to).trim()
}

function mayImport(room: Room): string {
  if (room.mayImport.includes('*')) return 'everything'
  return list(['its own folder', ...room.mayImport.map(named)])
}

/** `pino` for a room's own packages, `undici (llm-adapters)` where one folder of a starred room has them. */
function packagesOf(room: Room): string {
  const parent = room.path.replace('*', '')
  return list(
    Object.entries(packageHomes).flatMap(([name, homes]) => {
      if (homes.includes(room.path)) return [named(name)]
      const folders = room.path.endsWith('*') ? homes.filter((home) => home.startsWith(parent)) : []
      return folders.length > 0
        ? [`${named(name)} (${folders.map((folder) => folder.slice(parent.length)).join(', ')})`]
        : []
    }),
  )
}

const named = (name: string): string => `\`${name}\``
const list = (names: readonly string[]): string => (names.length > 0 ? names.join(', ') : 'nothing')
