/** Pages and tables in Markdown, with the note that says where they come from. */

/** A page that nobody edits by hand. */
export function page(title: string, ...blocks: readonly string[]): string {
  const note = '<!-- Written by `npm run docs` from the code. Changes made here are lost. -->'
  return `${[`# ${title}`, note, ...blocks].join('\n\n')}\n`
}

export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}

/** JSON as it is kept in the repository. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
