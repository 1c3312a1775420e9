/** `signalbox reconcile`: a provider's own export compared with what is kept here. */
import { readFileSync, statSync } from 'node:fs'
import type { Options } from '#cli/command.ts'
import { formatOf, periodOption, printed } from '#cli/output.ts'
import { openJournalRoom, openPriceDesk } from '#composition/price-room.ts'
import { reconcileExport } from '#composition/reconciliation.ts'
import { loadConfig } from '#config/load.ts'
import { systemSource } from '#config/system-source.ts'
import { formatUsd, toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { exportProviders } from '#services/reconciliation/export-line.ts'
import type { Reconciliation, UsageDifference, Used, UsedByKey } from '#services/reconciliation/reconcile.ts'

const fileBytesMax = 268_435_456
const tolerancePercentUsual = '0.1'

export interface ReconcileResult {
  readonly text: string
  /** 1 when anything differs by more than the tolerance. */
  readonly exitCode: number
}

/** Throws `invalid_value`, `missing_field`, `store_unavailable`. */
export async function runReconcileCommand(
  words: readonly string[],
  options: Options,
): Promise<ReconcileResult> {
  const provider = exportProviders.find((name) => name === options['provider'])
  if (words.length > 0 || provider === undefined) {
    throw new Problem('invalid_value', {
      detail: `--provider must be one of ${exportProviders.join(', ')}.`,
      mend: 'Use: signalbox reconcile --provider NAME --file FILE --from DATE --to DATE [--tolerance PERCENT]',
    })
  }
  const format = formatOf(options)
  const question = {
    provider,
    ...periodOption(options),
    tolerancePercent: toleranceOf(options['tolerance'] ?? tolerancePercentUsual),
    key: options['key'],
    text: textOf(options['file']),
  }
  const config = loadConfig(systemSource(options['config']))
  const { catalog } = openPriceDesk(config)
  const { journal, close } = await openJournalRoom(config)
  try {
    const found = await reconcileExport({ journal, catalog }, question)
    const table = { header, rows: found.differences.map(cellsOf) }
    const text = printed(format, table, factsOf(found))
    const whole = [text, summaryOf(found)].filter((part) => part !== '').join('\n\n')
    return { text: format === 'text' ? whole : text, exitCode: found.differences.length > 0 ? 1 : 0 }
  } finally {
    await close()
  }
}

function textOf(file: string | undefined): string {
  if (file === undefined) {
    throw new Problem('missing_field', { detail: '--file is missing.', mend: 'Add --file export.csv.' })
  }
  try {
    if (statSync(file).size <= fileBytesMax) return readFileSync(file, 'utf8')
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure)
    throw new Problem('invalid_value', {
      detail: `${file} cannot be read: ${reason}`,
      mend: 'Check the path.',
    })
  }
  throw new Problem('invalid_value', {
    detail: `${file} is larger than ${fileBytesMax} bytes.`,
    mend: 'Export a shorter period.',
  })
}

function toleranceOf(text: string): number {
  const percent = /^\d{1,3}(?:\.\d{1,6})?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN
  if (percent <= 100) return percent
  throw new Problem('invalid_value', {
    detail: `--tolerance "${text}" is not a percentage from 0 to 100.`,
    mend: 'Use --tolerance 0.5.',
  })
}

const measures = ['requests', 'input_tokens', 'output_tokens', 'cost_usd'] as const
const header = [
  'difference',
  'day',
  'model',
  ...measures.map((name) => `${name}_here`),
  ...measures.map((name) => `${name}_there`),
  'there_by_key',
]

const cellsOf = ({ kind, day, model, here, there, thereByKey }: UsageDifference) => [
  kind,
  day,
  model,
  ...cellsOfUsed(here),
  ...cellsOfUsed(there),
  thereByKey.length === 0 ? null : thereByKey.map(keyText).join('; '),
]

/** What most tells keys apart: the amount, or else the tokens. */
const keyText = ({ key, ...used }: UsedByKey) =>
  used.costNanoUsd === null
    ? `${key}: ${used.inputTokens ?? 0}+${used.outputTokens ?? 0}`
    : `${key}: $${String(usd(used.costNanoUsd))}`

const usd = (nanoUsd: number | null) => (nanoUsd === null ? null : formatUsd(toNanoUsd(nanoUsd)))
const cellsOfUsed = ({ requests, inputTokens, outputTokens, costNanoUsd }: Used) => [
  requests,
  inputTokens,
  outputTokens,
  usd(costNanoUsd),
]
const namedOf = (used: Used) =>
  Object.fromEntries(measures.map((name, i) => [name, cellsOfUsed(used)[i] ?? null]))

const factsOf = ({ days, lines, compared, here, there }: Reconciliation) => ({
  days,
  lines,
  compared,
  here: namedOf(here),
  there: namedOf(there),
})

const costText = (used: Used) =>
  used.costNanoUsd === null ? 'no amount' : `$${String(usd(used.costNanoUsd))}`

function summaryOf({ days, lines, compared, here, there, differences }: Reconciliation): string {
  return [
    `${lines} lines of the export, ${days} days, ${compared} pairs of day and model compared; ${differences.length} differences.`,
    `Here ${costText(here)}, there ${costText(there)}.`,
  ].join('\n')
}
