/** CSV as RFC 4180 has it, written and read: a header, quotes where they are needed, lines ended by CRLF. */

export type CsvCell = string | number | null

/** Spreadsheets take a cell that begins like this for a formula; names that callers chose must never be one. */
const formulaStart = /^[=+\-@\t\r]/

export function writeCsv(header: readonly string[], rows: ReadonlyArray<readonly CsvCell[]>): string {
  return [header, ...rows].map((cells) => `${cells.map(writeCell).join(',')}\r\n`).join('')
}

function writeCell(cell: CsvCell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const text = formulaStart.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/**
 * The cells of each line. Reads lines that end in LF alone too, and a mark of byte order before the first. A quote that
 * is never closed ends with the text.
 */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = text.startsWith('\uFEFF') ? 1 : 0
  const endRow = () => {
    rows.push(row)
    row = []
  }
  while (at < text.length) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at)
    row.push(cell.value)
    at = cell.end
    if (text[at] === ',') {
      at += 1
      if (at === text.length) row.push('')
      continue
    }
    if (text[at] === '\r') at += 1
    if (text[at] === '\n') at += 1
    endRow()
  }
  if (row.length > 0) endRow()
  return rows
}

interface ReadCell {
  readonly value: string
  /** Where the cell ends: at a comma, at a line's end or at the end of the text. */
  readonly end: number
}

function plainCell(text: string, start: number): ReadCell {
  let end = start
  while (end < text.length && !isEnd(text, end)) end += 1
  return { value: text.slice(start, end), end }
}

const isEnd = (text: string, at: number) => text[at] === ',' || text[at] === '\r' || text[at] === '\n'

function quotedCell(text: string, start: number): ReadCell {
  let value = ''
  let at = start + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return { value: value + text.slice(at), end: text.length }
    value += text.slice(at, quote)
    at = quote + 1
    if (text[at] !== '"') break
    value += '"'
    at += 1
  }
  // What stands between a closing quote and the next comma belongs to nothing; it is kept as text.
  const rest = plainCell(text, at)
  return { value: value + rest.value, end: rest.end }
}
