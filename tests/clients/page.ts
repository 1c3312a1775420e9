/** The page of compatibility: what a run found, written down client by client. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from '#tests/clients/cell.ts'
import { featureNames, features } from '#tests/clients/features.ts'
import type { FeatureName } from '#tests/clients/features.ts'
import type { MatrixRun, TriedCell } from '#tests/clients/run-matrix.ts'
import type { ClientDriver, Door } from '#tests/clients/task.ts'
import { targets } from '#tests/clients/targets.ts'

export const pagePath = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'compatibility.md')

export type Language = 'javascript' | 'python'

const languages: readonly Language[] = ['javascript', 'python']

const commands: Readonly<Record<Language, string>> = {
  javascript: 'npm run clients -- --write',
  python: 'npm run test:python -- --write',
}

const headings: Readonly<Record<Language, string>> = {
  javascript: 'Clients in JavaScript and TypeScript',
  python: 'Clients in Python',
}

const doors: Readonly<Record<Door, string>> = {
  'openai-chat': '`/v1/chat/completions`',
  'openai-responses': '`/v1/responses`',
  anthropic: '`/v1/messages`',
  gemini: '`/v1beta/models/...`',
  cohere: '`/v2/chat`',
}

export interface Versions {
  /** The version of an installed package. */
  of(name: string): string
}

/** What a run found of one client. */
export interface ClientFinding {
  readonly driver: ClientDriver
  readonly tried: readonly TriedCell[]
}

/** One language's part of the page, between its marks. */
export function sectionOf(language: Language, { tried }: MatrixRun, versions: Versions): string {
  const drivers = [...new Set(tried.map(({ cell }) => cell.driver))]
  const findings = drivers.map((driver) => ({
    driver,
    tried: tried.filter(({ cell }) => cell.driver === driver),
  }))
  const head = ['Works', ...targets.map(({ title }) => title)]
  return [
    `## ${headings[language]}`,
    [...table(head, []).split('\n'), ...findings.map(summaryRow)].join('\n'),
    ...findings.map((finding) => clientPart(finding, versions)),
  ].join('\n\n')
}

/** Whether the page says the same of this client. */
export function saysTheSame(section: string, finding: ClientFinding, versions: Versions): boolean {
  return (
    `${section}\n\n### `.includes(`${clientPart(finding, versions)}\n\n### `) &&
    section.includes(summaryRow(finding))
  )
}

/** The page with one language's part replaced; the other part stays as it is. */
export function pageWith(page: string | undefined, language: Language, section: string): string {
  const sections = languages.map((one) => {
    const text =
      one === language ? section : (sectionIn(page ?? '', one) ?? `## ${headings[one]}\n\nNot run yet.`)
    return `${openingMark(one)}\n\n${text}\n\n${closingMark(one)}`
  })
  return `${introduction()}\n\n${sections.join('\n\n')}\n`
}

/** What stands on the page for this language; undefined when it has no such part. */
export function sectionIn(page: string, language: Language): string | undefined {
  const start = page.indexOf(openingMark(language))
  const end = page.indexOf(closingMark(language))
  if (start === -1 || end === -1) return undefined
  return page.slice(start + openingMark(language).length, end).trim()
}

export function readPage(): string | undefined {
  try {
    return readFileSync(pagePath, 'utf8')
  } catch {
    return undefined
  }
}

const openingMark = (language: Language) => `<!-- ${language}: written by \`${commands[language]}\` -->`
const closingMark = (language: Language) => `<!-- ${language}: end -->`

function introduction(): string {
  const rows = featureNames.map((name) => [features[name].title, features[name].meaning])
  return [
    '# Compatibility',
    '<!-- Written by the run of the tests. Changes made here are lost. -->',
    'Every cell below is a test over real sockets: a real client asks a running Signalbox that requires keys, and Signalbox asks a double that plays back what the provider really sent. The double also checks that it was asked in a form that its provider takes. The client is used as its own documentation says; all it is told is the address and a key.',
    'What "works" says:',
    table(['Row', 'Meaning'], rows),
    'With `responses.store: on`, `@ai-sdk/openai` as it comes (which points at earlier texts and thoughts by `item_reference`) and the `openai` package with `previous_response_id` run their tools to the end at every provider: `tests/clients/stored-responses.test.ts`. Where it is off, as in the tables, they are told `store: false`.',
    "LangChain's `ChatCohere` speaks the first version of Cohere's API (`/v1/chat`), which Signalbox does not serve: it gets a 404.",
    "A budget of Signalbox that is spent is 402 in every API, not the provider's 429, and each official client, the AI SDK and LangChain ask once and then throw it: `tests/journeys/spent-budget.test.ts`. The OpenAI clients throw their general `APIError` with `code` and `type` `insufficient_quota`; what each error carries stands in [the guide about budgets](../guides/budgets.md#when-it-refuses).",
    'In the tables, `yes` works, `part` works with the difference that the note names, `-` is nothing that this client or this provider has, `no` is refused by Signalbox beforehand with the code that the note names, and `fails` does not work because of the client, against the provider itself just as well.',
  ].join('\n\n')
}

/** How many of the cells that can be tried work, for each target. */
function summaryRow({ driver, tried }: ClientFinding): string {
  const counts = targets.map((target) => {
    const cells = tried.filter(
      ({ cell, outcome }) =>
        cell.target === target && isOfTarget(cell.feature) && outcome.kind !== 'not there',
    )
    const working = cells.filter(({ outcome }) => outcome.kind === 'works')
    return `${working.length} of ${cells.length}`
  })
  return line([driver.title, ...counts])
}

const isOfTarget = (feature: FeatureName): boolean => features[feature].scope === 'target'

function clientPart({ driver, tried }: ClientFinding, versions: Versions): string {
  const notes = createNotes()
  const rows = featureNames.filter(isOfTarget).map((feature) => [
    features[feature].title,
    ...targets.map((target) => {
      const found = tried.find(({ cell }) => cell.feature === feature && cell.target === target)
      return found ? cellText(found.outcome, notes) : ''
    }),
  ])
  const own = tried
    .filter(({ cell }) => !isOfTarget(cell.feature))
    .map(({ cell, outcome }) => `${features[cell.feature].title}: ${cellText(outcome, notes)}`)
  const packages = driver.packages.map((name) => `\`${name}\` ${versions.of(name)}`).join(', ')
  const setUp = driver.setUp === undefined ? '' : ` Set up so: ${driver.setUp}.`
  return [
    `### ${driver.title}`,
    `${packages}, at ${doors[driver.door]}.${setUp}`,
    table(['', ...targets.map(({ title }) => title)], rows),
    `Refused by Signalbox itself, whatever the target: ${own.join('; ')}.`,
    ...notes.list(),
  ].join('\n\n')
}

interface Notes {
  /** The number of a note, the same for the same words. */
  number(words: string): number
  list(): readonly string[]
}

function createNotes(): Notes {
  const known: string[] = []
  return {
    number(words) {
      const at = known.indexOf(words)
      return at === -1 ? known.push(words) : at + 1
    },
    list: () => (known.length === 0 ? [] : [known.map((words, at) => `${at + 1}. ${words}`).join('\n')]),
  }
}

function cellText(outcome: Outcome, notes: Notes): string {
  switch (outcome.kind) {
    case 'works':
      return 'yes'
    case 'partly':
      return `part (${notes.number(outcome.reason)})`
    case 'not there':
      return `- (${notes.number(outcome.reason)})`
    case 'fails':
      return `fails (${notes.number(outcome.reason)})`
    case 'refused':
      return `no (${notes.number(`\`${outcome.code}\`: ${outcome.reason}`)})`
  }
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}
