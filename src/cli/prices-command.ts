/** `signalbox prices`: what models cost, and bills computed again with the prices of now. */
import type { Options } from '#cli/command.ts'
import { formatOf, periodOption, printed } from '#cli/output.ts'
import { priceListText, priceText } from '#cli/price-pages.ts'
import { correctionLines } from '#cli/correction-lines.ts'
import { openCorrectionRoom } from '#composition/correction-room.ts'
import { createCounterDrift } from '#composition/counter-drift.ts'
import { openLimitRoom } from '#composition/limit-room.ts'
import { openJournalRoom, openPriceDesk } from '#composition/price-room.ts'
import type { Config } from '#config/config.ts'
import { loadConfig } from '#config/load.ts'
import { systemSource } from '#config/system-source.ts'
import { formatUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { rerate } from '#services/analytics-collector/rerate.ts'
import type { RatedDifference, RerateReport } from '#services/analytics-collector/rerate.ts'

/** Differences that are printed one by one; the sums are of all. */
const differencesMax = 100_000

/** The text to print. Throws `invalid_value`, `missing_field`, `not_found`, `store_unavailable`. */
export async function runPricesCommand(words: readonly string[], options: Options): Promise<string> {
  const [verb, name] = words
  if (verb === 'list' && name === undefined) return priceListText(deskOf(options), options)
  if (verb === 'show' && name !== undefined) return priceText(deskOf(options), name, options)
  if (verb === 'rerate' && name === undefined) return await runRerate(options)
  throw new Problem('invalid_value', {
    detail: `There is no command "prices ${words.join(' ')}".`,
    mend: 'Use: signalbox prices list | show MODEL | rerate --from DATE --to DATE [--tenant NAME] [--write [--apply]]',
  })
}

const deskOf = (options: Options) => openPriceDesk(loadConfig(systemSource(options['config'])))

async function runRerate(options: Options): Promise<string> {
  const format = formatOf(options)
  const period = periodOption(options)
  const isWritten = options['write'] !== undefined
  if (isWritten && options['dry-run'] !== undefined) {
    throw new Problem('invalid_value', {
      detail: '--write and --dry-run exclude each other.',
      mend: 'Use one.',
    })
  }
  const isApplied = options['apply'] !== undefined
  if (isApplied && !isWritten) {
    throw new Problem('invalid_value', {
      detail: '--apply corrects counters by adjustments that are written.',
      mend: 'Add --write.',
    })
  }
  const config = loadConfig(systemSource(options['config']))
  const desk = openPriceDesk(config)
  const drift = createCounterDrift(await limitsInForce(config), desk.nowMs(), period)
  // First, so that nothing is written when nothing can be corrected.
  const room = isApplied ? await openCorrectionRoom(config) : undefined
  const { journal, close } = await openJournalRoom(config)
  try {
    const wish = { ...period, tenantId: options['tenant'], isWritten, differencesMax }
    const report = await rerate({ journal, priceOf: desk.priceOf, noteRated: drift.note }, wish)
    const table = { header, rows: report.differences.map(cellsOf) }
    const { told, text: corrections } = await correctionLines(drift.counters(), room)
    const facts = { ...factsOf(report), ...periodText(period), counters: told }
    const text = printed(format, table, facts)
    if (format !== 'text') return text
    return [text, summaryOf(report), corrections].filter((part) => part !== '').join('\n\n')
  } finally {
    await close()
    await room?.close()
  }
}

/** The limits of the configuration, the default of every user, and those that were set while running. */
async function limitsInForce(config: Config) {
  const room = await openLimitRoom(config)
  try {
    const { limits, defaultMonthlyLimitNanoUsd } = config.budget
    const forUsers = defaultMonthlyLimitNanoUsd === undefined ? [] : [everyUser]
    return [...limits, ...forUsers, ...(await room.shelf.list())]
  } finally {
    await room.close()
  }
}

const everyUser = { scope: 'user', window: 'month' } as const

const isoOf = (momentMs: number) => new Date(momentMs).toISOString()
const periodText = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) => ({
  from: isoOf(fromMs),
  to: isoOf(toMs),
})

const header = [
  'request_id',
  'started_at',
  'tenant',
  'provider',
  'model',
  'price_before',
  'price_after',
  'charged_before_usd',
  'charged_after_usd',
  'charged_difference_usd',
  'provider_cost_before_usd',
  'provider_cost_after_usd',
  'provider_cost_difference_usd',
] as const

function cellsOf({ charge, priceVersion, before, after }: RatedDifference) {
  return [
    charge.requestId,
    isoOf(charge.startedAtMs),
    charge.tenantId,
    charge.provider,
    charge.model,
    charge.priceVersion,
    priceVersion,
    ...amounts(before.costNanoUsd, after.costNanoUsd),
    ...amounts(before.providerCostNanoUsd, after.providerCostNanoUsd),
  ]
}

const amounts = (before: number, after: number) => [before, after, after - before].map(usdOf)
const usdOf = (nanoUsd: number) => formatUsd(nanoUsd as Parameters<typeof formatUsd>[0])

function factsOf({ charges, changed, unpriced, clamped, before, after, isWritten }: RerateReport) {
  const [chargedBefore, chargedAfter, charged] = amounts(before.costNanoUsd, after.costNanoUsd)
  const [costBefore, costAfter, cost] = amounts(before.providerCostNanoUsd, after.providerCostNanoUsd)
  return {
    charges,
    changed,
    unpriced,
    clamped,
    written: isWritten,
    charged_before_usd: chargedBefore,
    charged_after_usd: chargedAfter,
    charged_difference_usd: charged,
    provider_cost_before_usd: costBefore,
    provider_cost_after_usd: costAfter,
    provider_cost_difference_usd: cost,
  }
}

function summaryOf(report: RerateReport): string {
  const facts = factsOf(report)
  const { charges, changed, unpriced, clamped, isWritten, differences } = report
  return [
    `${charges} charges, of which ${changed} cost something else by the prices of now.`,
    `Charged: $${facts.charged_before_usd}, now $${facts.charged_after_usd}; difference $${facts.charged_difference_usd}.`,
    `Cost at the providers: $${facts.provider_cost_before_usd}, now $${facts.provider_cost_after_usd}; difference $${facts.provider_cost_difference_usd}.`,
    unpriced > 0 ? `${unpriced} have no price now and stay as they are.` : '',
    clamped > 0
      ? `${clamped} were charged at their hold, which no price makes anew, and stay as they are.`
      : '',
    changed > differences.length ? `The first ${differences.length} differences are shown.` : '',
    isWritten
      ? `${changed} adjustments are written.`
      : changed > 0
        ? 'Nothing is written; --write adds the differences as adjustments.'
        : '',
  ]
    .filter((line) => line !== '')
    .join('\n')
}
