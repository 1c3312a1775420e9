/** Reconciliation joined to the journal and the catalogue: whose names mean which model, and what is ours. */
import type { Catalog } from '#config/config.ts'
import { Problem } from '#core/domain/problem.ts'
import { chargesOf } from '#services/analytics-collector/charges.ts'
import type { Journal } from '#services/analytics-collector/journal.ts'
import type { ExportProvider } from '#services/reconciliation/export-line.ts'
import { dayOf } from '#services/reconciliation/export-values.ts'
import { readExport } from '#services/reconciliation/read-export.ts'
import { reconcile } from '#services/reconciliation/reconcile.ts'
import type { OwnLine, Reconciliation } from '#services/reconciliation/reconcile.ts'

export interface ReconciliationParts {
  readonly journal: Pick<Journal, 'charges'>
  readonly catalog: Catalog
}

export interface ExportQuestion {
  readonly provider: ExportProvider
  readonly text: string
  /** Midnights, UTC; from is included, to is not. */
  readonly fromMs: number
  readonly toMs: number
  readonly tolerancePercent: number
  readonly key?: string | undefined
}

/** What the catalogue and the rows call them. */
const providerRow: Readonly<Record<ExportProvider, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  cohere: 'cohere',
}

const dayMs = 86_400_000

/** Throws `invalid_value` for a file that is no such export and for a period of parts of days, `store_unavailable`. */
export function reconcileExport(
  { journal, catalog }: ReconciliationParts,
  question: ExportQuestion,
): Promise<Reconciliation> {
  const { fromMs, toMs, tolerancePercent, key } = question
  if (fromMs % dayMs !== 0 || toMs % dayMs !== 0) {
    throw new Problem('invalid_value', {
      detail: 'Exports are by the day, and the period begins or ends within one.',
      mend: 'State dates, like 2026-11-01.',
    })
  }
  const provider = providerRow[question.provider]
  const exported = readExport(question.provider, question.text)
  return reconcile(exported, ownLines(journal, { fromMs, toMs, provider }), {
    fromDay: dayOf(fromMs),
    toDay: dayOf(toMs),
    tolerancePercent,
    key,
    modelOf: modelNamer(catalog, provider),
  })
}

async function* ownLines(
  journal: ReconciliationParts['journal'],
  period: { readonly fromMs: number; readonly toMs: number; readonly provider: string },
): AsyncGenerator<OwnLine> {
  for await (const { row, adjustments } of chargesOf(journal, period)) {
    if (row.isSimulated) continue
    yield {
      day: dayOf(row.startedAtMs),
      model: withoutPrefix(row.model ?? '', period.provider),
      requests: 1,
      inputTokens: row.inputTokens,
      outputTokens: row.outputTokens,
      costNanoUsd: [row, ...adjustments].reduce(
        (sum, { providerCostNanoUsd }) => sum + providerCostNanoUsd,
        0,
      ),
    }
  }
}

/** A model without a card is asked for as `provider/model`. */
const withoutPrefix = (name: string, provider: string) =>
  name.startsWith(`${provider}/`) ? name.slice(provider.length + 1) : name

/** Our name of what a provider's export calls a model: by name, by alias, without its date, or by the words of a SKU. */
export function modelNamer(catalog: Catalog, provider: string): (name: string) => string | undefined {
  const cards = catalog.models.filter((card) => card.provider === provider)
  const known = new Map<string, string>()
  for (const card of cards) known.set(card.providerModel, card.name).set(card.name, card.name)
  const own = new Set(known.values())
  for (const [alias, name] of catalog.aliases) if (own.has(name) && !known.has(alias)) known.set(alias, name)
  const titled = new Map([...known].map(([name, own]) => [titleKey(name), own]))
  const worded = cards
    .map(({ name }) => ({ name, words: wordsOf(name) }))
    .sort((one, other) => other.words.length - one.words.length)
  const found = new Map<string, string | undefined>()
  const find = (name: string) => {
    const plain = name.replace(/^models\//, '')
    const direct = known.get(plain) ?? known.get(plain.replace(dateForm, '')) ?? titled.get(titleKey(plain))
    if (direct !== undefined || !name.includes(' ')) return direct
    const words = new Set(wordsOf(name))
    return worded.find((card) => card.words.every((word) => words.has(word)))?.name
  }
  return (name) => {
    if (!found.has(name)) found.set(name, find(name))
    return found.get(name)
  }
}

const dateForm = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/

/** Titles have the words of names in another order: `Claude Haiku 3.5` is `claude-3-5-haiku`. */
const titleKey = (name: string) =>
  name
    .replace(dateForm, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .sort()
    .join(' ')

const wordsOf = (name: string) => name.toLowerCase().split(/[^a-z0-9.]+/)
