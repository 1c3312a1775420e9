/** How commands print tables: for people, as JSON or as CSV. */
import type { Options } from '#cli/command.ts'
import { writeCsv } from '#core/domain/csv.ts'
import type { CsvCell } from '#core/domain/csv.ts'
import { Problem } from '#core/domain/problem.ts'

const formats = ['text', 'json', 'csv'] as const
export type Format = (typeof formats)[number]

/** Throws `invalid_value` for a format that is none. */
export function formatOf(options: Options): Format {
  const stated = options['format'] ?? 'text'
  const format = formats.find((name) => name === stated)
  if (format) return format
  throw new Problem('invalid_value', {
    detail: `"${stated}" is not a format.`,
    mend: `Use --format ${formats.join(' | ')}.`,
  })
}

export type Table = { readonly header: readonly string[]; readonly rows: ReadonlyArray<readonly CsvCell[]> }

/** The table with whatever else is to be said of it, which CSV leaves out. */
export function printed(format: Format, table: Table, facts: Readonly<Record<string, unknown>>): string {
  const { header, rows } = table
  if (format === 'csv') return writeCsv(header, rows).trimEnd()
  if (format === 'json') {
    const lines = rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? null])))
    return JSON.stringify({ ...facts, lines }, null, 2)
  }
  return rows.length === 0
    ? ''
    : aligned([header, ...rows.map((row) => row.map((cell) => String(cell ?? '-')))])
}

function aligned(rows: ReadonlyArray<readonly string[]>): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const momentForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/** A date (UTC) or a time with its zone, in milliseconds. Throws `invalid_value`, and `missing_field` without one. */
export function momentOption(options: Options, name: string): number {
  const text = options[name]
  if (text === undefined) {
    throw new Problem('missing_field', { detail: `--${name} is missing.`, mend: `Add --${name} 2026-11-01.` })
  }
  const moment = momentForm.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(moment)) return moment
  throw new Problem('invalid_value', {
    detail: `--${name} "${text}" is not a date or a time.`,
    mend: `Use --${name} 2026-11-01 or --${name} 2026-11-01T12:00:00Z.`,
  })
}

/** From is included, to is not. Throws as `momentOption` does, and `invalid_value` when it ends before it begins. */
export function periodOption(options: Options): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = momentOption(options, 'from')
  const toMs = momentOption(options, 'to')
  if (fromMs < toMs) return { fromMs, toMs }
  throw new Problem('invalid_value', { detail: '--from must be before --to.', mend: 'Exchange the two.' })
}
