/** Reads the usage and cost exports of the providers: which field of each means what. */
import { Problem } from '#core/domain/problem.ts'
import { exportRecords, notAnExport } from '#services/reconciliation/export-records.ts'
import type { ExportRecord } from '#services/reconciliation/export-records.ts'
import type { ExportLine, ExportProvider } from '#services/reconciliation/export-line.ts'
import { amountIn, countIn, dayIn } from '#services/reconciliation/export-values.ts'

/** Where a provider's exports say what; the first name that a record has counts, of a list of sums all of them. */
interface ExportForm {
  readonly day: readonly string[]
  /** The last day of a line, included, where lines may cover several. */
  readonly lastDay?: readonly string[]
  readonly model: readonly string[]
  readonly key: readonly string[]
  readonly requests: readonly string[]
  /** Parts of the input that stand beside each other. */
  readonly inputSums: readonly string[]
  readonly output: readonly string[]
  /** With what one unit is worth in nano-dollars. */
  readonly cost: ReadonlyArray<readonly [name: string, nanoUsdPerUnit: bigint]>
  readonly isSku?: boolean
  /** What is billed on other accounts of the same bill is none of ours. */
  readonly service?: { readonly names: readonly string[]; readonly isOurs: RegExp }
}

const dollar = 1_000_000_000n
const cent = 10_000_000n

const forms: Readonly<Record<ExportProvider, ExportForm>> = {
  // OpenAI Administration API reference: usage and costs objects; the dashboard's exports carry the same names, and
  // lines for days without anything.
  openai: {
    day: [
      'start_time_iso',
      'start_time',
      'usage_date',
      'usage_date_utc',
      'date',
      'timestamp',
      'aggregation_timestamp',
    ],
    model: ['model', 'snapshot_id', 'line_item'],
    key: ['api_key_id', 'api_key_name', 'project_id', 'project_name'],
    requests: ['num_model_requests', 'num_requests', 'requests', 'n_requests'],
    inputSums: ['input_tokens', 'n_context_tokens_total'],
    output: ['output_tokens', 'n_generated_tokens_total'],
    cost: [
      ['amount.value', dollar],
      ['amount_value', dollar],
      ['cost_in_usd', dollar],
      ['cost_usd', dollar],
      ['cost', dollar],
    ],
  },
  // Anthropic Usage and Cost Admin API: amounts in cents; the Console's CSV in dollars, with models by their titles.
  anthropic: {
    day: ['starting_at', 'usage_date_utc', 'date'],
    model: ['model', 'model_version'],
    key: ['api_key_id', 'api_key', 'workspace_id', 'workspace'],
    requests: ['requests', 'num_requests'],
    inputSums: [
      'uncached_input_tokens',
      'cache_read_input_tokens',
      'cache_creation.ephemeral_5m_input_tokens',
      'cache_creation.ephemeral_1h_input_tokens',
      'usage_input_tokens_no_cache',
      'usage_input_tokens_cache_read',
      'usage_input_tokens_cache_write_5m',
      'usage_input_tokens_cache_write_1h',
      'usage_input_tokens_cache_write',
    ],
    output: ['output_tokens', 'usage_output_tokens'],
    cost: [
      ['amount', cent],
      ['cost_usd', dollar],
    ],
  },
  // Google Cloud Billing: the standard usage cost export to BigQuery, and the cost table's CSV.
  gemini: {
    day: ['usage_start_time', 'usage_start_date', 'usage_date', 'date'],
    lastDay: ['usage_end_date'],
    model: ['sku.description', 'sku_description'],
    key: ['project.id', 'project_id', 'project.name', 'project_name'],
    requests: [],
    inputSums: [],
    output: [],
    cost: [
      ['unrounded_cost', dollar],
      ['cost', dollar],
      ['cost_usd', dollar],
    ],
    isSku: true,
    service: {
      names: ['service.description', 'service_description'],
      isOurs: /gemini|generative language|vertex ai/i,
    },
  },
  // Cohere documents no form of its dashboard's export: the names are those of its API's billed units.
  cohere: {
    day: ['date', 'day', 'usage_date', 'start_time', 'timestamp'],
    model: ['model', 'model_name'],
    key: ['api_key_id', 'api_key', 'api_key_name'],
    requests: ['requests', 'num_requests', 'calls', 'api_calls'],
    inputSums: ['input_tokens', 'billed_units.input_tokens'],
    output: ['output_tokens', 'billed_units.output_tokens'],
    cost: [
      ['cost_usd', dollar],
      ['amount_usd', dollar],
      ['cost', dollar],
      ['amount', dollar],
    ],
  },
}

/** Throws `invalid_value` for a file that is no export of this provider, naming the record that is wrong. */
export function readExport(provider: ExportProvider, text: string): readonly ExportLine[] {
  const form = forms[provider]
  return exportRecords(text).flatMap((record, i) => {
    if (isEmptyBucket(record) || isOfOtherService(record, form)) return []
    const line = lineOf(record, form)
    if (typeof line !== 'string') return [line]
    throw notAnExport(`Record ${i + 1} ${line}.`)
  })
}

const timeName = /^(?:start|end)(?:_time|_time_iso|_date)$|^(?:starting|ending)_at$|^object$/

/** A day on which nothing happened: times and nothing else. */
const isEmptyBucket = (record: ExportRecord) =>
  record.size > 0 && [...record.keys()].every((name) => timeName.test(name))

function isOfOtherService(record: ExportRecord, { service }: ExportForm): boolean {
  const name = service && first(record, service.names)
  return name !== undefined && !service?.isOurs.test(name)
}

function lineOf(record: ExportRecord, form: ExportForm): ExportLine | string {
  const day = dayIn(first(record, form.day))
  if (day === null) return `has no day in ${form.day.join(', ')}`
  const cost = costOf(record, form)
  const line = {
    day,
    model: modelOf(record, form),
    lastDay: lastDayOf(record, form, day),
    keys: form.key.flatMap((name) => record.get(name) ?? []),
    requests: countIn(first(record, form.requests)),
    inputTokens: sumOf(record, form.inputSums),
    outputTokens: countIn(first(record, form.output)),
    costNanoUsd: cost,
    text: JSON.stringify([...record].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
  const saysNothing =
    line.requests === null && line.inputTokens === null && line.outputTokens === null && cost === null
  return saysNothing ? 'states neither tokens nor an amount' : line
}

function lastDayOf(record: ExportRecord, { lastDay = [] }: ExportForm, day: string): string | null {
  const last = dayIn(first(record, lastDay))
  return last !== null && last > day ? last : null
}

const first = (record: ExportRecord, names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = record.get(name)
    if (value !== undefined) return value
  }
  return undefined
}

function sumOf(record: ExportRecord, names: readonly string[]): number | null {
  let sum: number | null = null
  for (const name of names) {
    const count = countIn(record.get(name))
    if (count !== null) sum = (sum ?? 0) + count
  }
  return sum
}

/** A line of costs is named `model, kind`: `gpt-5.4-2026-03-05, input`. */
function modelOf(record: ExportRecord, { model, isSku }: ExportForm): string | null {
  const name = first(record, model)
  if (name === undefined || name === '') return null
  return isSku ? name : (name.split(',')[0]?.trim() ?? name)
}

function costOf(record: ExportRecord, { cost }: ExportForm): number | null {
  for (const [name, nanoUsdPerUnit] of cost) {
    const amount = amountIn(record.get(name), nanoUsdPerUnit)
    if (amount !== null) return inDollars(amount, record)
  }
  return null
}

/** Bills in another currency say what a dollar was worth. Throws `invalid_value` where they do not. */
function inDollars(amount: number, record: ExportRecord): number {
  const currency = (first(record, ['currency', 'amount.currency', 'amount_currency']) ?? 'usd').toLowerCase()
  if (currency === 'usd') return amount
  const rate = Number(first(record, ['currency_conversion_rate', 'currency_exchange_rate']))
  if (rate > 0) return Math.round(amount / rate)
  throw new Problem('invalid_value', {
    detail: `The export is in ${currency.toUpperCase().slice(0, 8)} and does not say what a dollar was worth.`,
    mend: 'Export it in US dollars, or with the column currency_conversion_rate.',
  })
}
