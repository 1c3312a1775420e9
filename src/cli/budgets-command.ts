/** `signalbox budgets`: limits set, listed and removed, beside those of the configuration. */
import type { Options } from '#cli/command.ts'
import { degradeStepsIn, degradeText } from '#cli/degrade-option.ts'
import { readsOptions } from '#cli/option-values.ts'
import { runSlicesCommand } from '#cli/slices-command.ts'
import { openLimitRoom } from '#composition/limit-room.ts'
import type { LimitRoom } from '#composition/limit-room.ts'
import { loadConfig } from '#config/load.ts'
import { systemSource } from '#config/system-source.ts'
import { budgetScopes, isOfTenant } from '#core/domain/budget-scope.ts'
import { budgetWindows, hasTimeZone } from '#core/domain/budget-window.ts'
import type { BudgetWindow } from '#core/domain/budget-window.ts'
import type { Currency } from '#core/domain/currency.ts'
import { formatUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { knownTimeZone } from '#core/domain/time-zone.ts'
import type { StoredLimit } from '#services/budget-manager/limit-shelf.ts'

const use =
  'signalbox budgets set --scope SCOPE [--subject ID] [--tenant NAME] [--window WINDOW] [--time-zone NAME] --limit AMOUNT [--soft] [--degrade STEPS] | list | remove ID | instances | release-instance ID'

/** The text to print. Throws `invalid_value` for a wrong use, `not_found` for an unknown budget. */
export async function runBudgetsCommand(words: readonly string[], options: Options): Promise<string> {
  const [verb, word] = words
  const config = loadConfig(systemSource(options['config']))
  if (verb === 'instances' || verb === 'release-instance') return await runSlicesCommand(config, verb, word)
  const room = await openLimitRoom(config)
  try {
    if (verb === 'set') return await setBudget(room, options, config.budget.currency)
    if (verb === 'list') return await listBudgets(room)
    if (verb === 'remove' && word !== undefined) return await removeBudget(room, word)
  } finally {
    await room.close()
  }
  throw readsOptions(options, use).wrong(`There is no command "budgets ${words.join(' ')}".`)
}

async function setBudget(room: LimitRoom, options: Options, currency: Currency | undefined): Promise<string> {
  const reads = readsOptions(options, use)
  reads.requireOnly(['scope', 'subject', 'tenant', 'window', 'time-zone', 'limit', 'soft', 'degrade'])
  const scope = reads.word('scope', budgetScopes)
  const window = options['window'] === undefined ? 'month' : reads.word('window', budgetWindows)
  const tenantId = options['tenant']
  if (tenantId !== undefined && !isOfTenant(scope))
    throw reads.wrong(`--tenant has no meaning for the scope ${scope}.`)
  const timeZone = zoneOf(reads, options['time-zone'], window)
  const limit = { scope, id: options['subject'], tenantId, window, timeZone }
  const known = (await room.shelf.list()).find((other) => identityOf(other) === identityOf(limit))
  const stored: StoredLimit = {
    ...limit,
    limitId: known?.limitId ?? room.newId(),
    limitNanoUsd: reads.amount('limit', currency),
    isHard: options['soft'] === undefined,
    degrade: options['degrade'] === undefined ? known?.degrade : stepsIn(reads, options['degrade'], limit),
    setAtMs: room.nowMs(),
    setBy: 'command-line',
  }
  await room.shelf.put(stored)
  return `Set: ${lineOf(stored)}`
}

function stepsIn(
  { wrong }: ReturnType<typeof readsOptions>,
  text: string,
  budget: Pick<StoredLimit, 'scope' | 'window'>,
) {
  const steps = degradeStepsIn(text, budget)
  if (typeof steps === 'string') throw wrong(`--degrade: ${steps}.`)
  return steps.length === 0 ? undefined : steps
}

async function listBudgets(room: LimitRoom): Promise<string> {
  const limits = await room.shelf.list()
  if (limits.length === 0) return 'No budgets are set beside those of the configuration.'
  return limits.map(lineOf).join('\n')
}

async function removeBudget(room: LimitRoom, limitId: string): Promise<string> {
  if (await room.shelf.remove(limitId)) return `The budget ${limitId} is removed.`
  throw new Problem('not_found', {
    detail: `There is no budget ${limitId}.`,
    mend: 'signalbox budgets list shows them.',
  })
}

const identityOf = ({
  scope,
  id,
  tenantId,
  window,
  timeZone,
}: Pick<StoredLimit, 'scope' | 'id' | 'tenantId' | 'window' | 'timeZone'>) =>
  JSON.stringify([scope, id ?? null, tenantId ?? null, window, timeZone ?? 'UTC'])

function lineOf({ limitId, scope, id, tenantId, window, timeZone, ...limit }: StoredLimit): string {
  const subject = [tenantId, id ?? '*'].filter((word) => word !== undefined).join('/')
  const zone = timeZone === undefined ? '' : ` in ${timeZone}`
  const soft = limit.isHard === false ? '  soft' : ''
  const steps = limit.degrade ? `  ${degradeText(limit.degrade)}` : ''
  return `${limitId}  ${scope} ${subject}  $${formatUsd(limit.limitNanoUsd)} each ${window}${zone}${soft}${steps}`
}

function zoneOf(
  { wrong }: ReturnType<typeof readsOptions>,
  name: string | undefined,
  window: BudgetWindow,
): string | undefined {
  if (name === undefined) return undefined
  if (!hasTimeZone(window)) throw wrong(`--time-zone has no meaning for the window ${window}.`)
  const zone = knownTimeZone(name)
  if (zone !== undefined) return zone
  throw wrong('--time-zone must be the IANA name of a time zone, like Europe/Berlin.')
}
