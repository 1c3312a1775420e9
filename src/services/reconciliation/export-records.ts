/** The records of an export file: JSON pages with buckets, lists, JSON lines or CSV, as flat tables of texts. */
import { parseCsv } from '#core/domain/csv.ts'
import { asArray, asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'

/** Names are lower case with `_` for anything else; members of members are joined by dots: `amount.value`. */
export type ExportRecord = ReadonlyMap<string, string>

export const recordsMax = 1_000_000
const membersMax = 200
const depthMax = 4

/** Throws `invalid_value` for a text that is neither, and for one of too many records. */
export function exportRecords(text: string): readonly ExportRecord[] {
  const trimmed = text.trimStart()
  const records = /^[[{]/.test(trimmed) ? recordsOfJson(trimmed) : recordsOfCsv(text)
  if (records.length <= recordsMax) return records
  throw notAnExport(`It has more than ${recordsMax} records.`)
}

export const notAnExport = (detail: string) =>
  new Problem('invalid_value', {
    detail: `The file is not an export that is known here. ${detail}`,
    mend: 'docs/guides/prices.md lists the exports that are read.',
  })

function recordsOfJson(text: string): readonly ExportRecord[] {
  const whole = parseJson(text)
  if (whole !== undefined) return recordsIn(whole)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.flatMap((line, i) => {
    const value = asObject(parseJson(line))
    if (value) return recordsIn(value)
    throw notAnExport(`Line ${i + 1} is not JSON.`)
  })
}

/** A page is `{data: [bucket]}`, a bucket `{start_time, results: [record]}`; a list may hold pages, buckets or records. */
function recordsIn(value: JsonValue): readonly ExportRecord[] {
  if (Array.isArray(value)) return value.flatMap((item: JsonValue) => recordsIn(item))
  const object = asObject(value)
  if (!object) return []
  if (Array.isArray(object['data'])) return recordsIn(object['data'])
  if (!Array.isArray(object['results'])) return [flat(object)]
  const { results: _, ...bucket } = object
  const times = flat(bucket)
  return asArray(object['results']).flatMap((result) => {
    const record = asObject(result)
    return record ? [new Map([...times, ...flat(record)])] : []
  })
}

function flat(object: JsonObject): ExportRecord {
  const record = new Map<string, string>()
  const add = (value: JsonValue | undefined, name: string, depth: number) => {
    if (record.size >= membersMax || value === null || value === undefined) return
    const inner = asObject(value)
    if (inner && depth < depthMax) {
      for (const [member, child] of Object.entries(inner)) add(child, `${name}.${plain(member)}`, depth + 1)
    } else record.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  for (const [member, child] of Object.entries(object)) add(child, plain(member), 1)
  return record
}

function recordsOfCsv(text: string): readonly ExportRecord[] {
  const { facts, header, rows } = withoutPreamble(parseCsv(text))
  if (!header || header.length < 2) throw notAnExport('It is neither JSON nor CSV with a header.')
  const names = header.slice(0, membersMax).map(plain)
  return rows
    .filter((cells) => cells.some((cell) => cell.trim() !== ''))
    .map((cells) => {
      const filled = names.flatMap((name, i): Array<[string, string]> => {
        const cell = cells[i]?.trim() ?? ''
        return cell === '' ? [] : [[name, cell]]
      })
      return new Map([...facts, ...filled])
    })
}

/** Rows of names and values before the header are no longer than this, and no more of them. */
const preambleCellsMax = 3
const preambleRowsMax = 30
const headerCellsMin = 6

/** A bill may begin with facts about itself, `Currency,EUR` and the like, which hold for each of its lines. */
function withoutPreamble(table: readonly (readonly string[])[]) {
  const filled = (cells: readonly string[]) => cells.filter((cell) => cell.trim() !== '').length
  const at = table.slice(0, preambleRowsMax).findIndex((cells) => filled(cells) >= headerCellsMin)
  const before = at > 0 ? table.slice(0, at) : []
  const isPreamble = before.length > 0 && before.every((cells) => filled(cells) <= preambleCellsMax)
  const start = isPreamble ? at : 0
  const facts = table
    .slice(0, start)
    .flatMap(([name = '', value = '']): Array<[string, string]> =>
      value.trim() === '' ? [] : [[plain(name), value.trim()]],
    )
  return { facts, header: table[start], rows: table.slice(start + 1) }
}

const plain = (name: string) =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
