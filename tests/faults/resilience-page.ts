/** The page of resilience: what is written by hand, with the tables of faults and scores between their marks. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const pagePath = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'resilience.md')

export type PageSection = 'faults' | 'scores' | 'outages'

const marksOf = (section: PageSection): readonly [string, string] => [
  `<!-- ${section}:start -->`,
  `<!-- ${section}:end -->`,
]

export const readPage = (): string => readFileSync(pagePath, 'utf8')

/** What stands between a section's marks. Throws when they are missing. */
export function sectionIn(page: string, section: PageSection): string {
  const [start, end] = marksOf(section)
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from === -1 || to === -1) throw new Error(`the page has no section ${section}`)
  return page.slice(from + start.length, to).trim()
}

export function writeSection(section: PageSection, text: string): void {
  const page = readPage()
  const old = sectionIn(page, section)
  const [start] = marksOf(section)
  const at = page.indexOf(old, page.indexOf(start) + start.length)
  const rest = page.slice(at + old.length).replace(/^\n*/, '\n\n')
  writeFileSync(pagePath, `${page.slice(0, page.indexOf(start) + start.length)}\n\n${text}${rest}`)
}
