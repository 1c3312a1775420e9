/** CSV as RFC 4180 has it: a header, quotes where they are needed, lines ended by CRLF. */

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
