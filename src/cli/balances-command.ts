/** `signalbox balances`: payments into prepaid balances, and what was paid in. */
import type { Options } from '#cli/command.ts'
import { readsOptions } from '#cli/option-values.ts'
import { openLimitRoom } from '#composition/limit-room.ts'
import type { LimitRoom } from '#composition/limit-room.ts'
import { loadConfig } from '#config/load.ts'
import { systemSource } from '#config/system-source.ts'
import { prepaidScopes } from '#core/domain/budget-scope.ts'
import { isoText } from '#core/domain/budget-window.ts'
import { formatUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { PrepaidOwner, TopUp } from '#services/budget-manager/top-up-book.ts'

const use =
  'signalbox balances top-up --id ID --scope SCOPE --subject ID [--tenant NAME] --amount USD [--note TEXT] | list | history --scope SCOPE --subject ID [--tenant NAME]'
const historyMax = 1_000

/** The text to print. Throws `invalid_value` for a wrong use, `already_exists` for an id that another payment has. */
export async function runBalancesCommand(words: readonly string[], options: Options): Promise<string> {
  const [verb] = words
  const room = await openLimitRoom(loadConfig(systemSource(options['config'])))
  try {
    if (verb === 'top-up') return await topUpBalance(room, options)
    if (verb === 'list') return await listBalances(room)
    if (verb === 'history') return await tellHistory(room, options)
  } finally {
    await room.close()
  }
  throw readsOptions(options, use).wrong(`There is no command "balances ${words.join(' ')}".`)
}

async function topUpBalance(room: LimitRoom, options: Options): Promise<string> {
  const reads = readsOptions(options, use)
  const amountNanoUsd = reads.amount('amount')
  if (amountNanoUsd === 0) throw reads.wrong('--amount must be above 0.')
  const wish: TopUp = {
    ...ownerOf(options),
    topUpId: reads.text('id'),
    amountNanoUsd,
    note: options['note'],
    addedAtMs: room.nowMs(),
    addedBy: 'command-line',
  }
  const { topUp, isNew } = await room.topUpBook.add(wish)
  if (isNew) return `Paid in: ${lineOf(topUp)}`
  if (ownerName(topUp) === ownerName(wish) && topUp.amountNanoUsd === amountNanoUsd) {
    return `Paid in before: ${lineOf(topUp)}`
  }
  throw new Problem('already_exists', {
    detail: `A top-up with the id ${wish.topUpId} was paid in before: ${lineOf(topUp)}`,
    mend: 'Give each payment an id of its own.',
  })
}

async function listBalances(room: LimitRoom): Promise<string> {
  const accounts = await room.topUpBook.accounts()
  if (accounts.length === 0) return 'Nothing was paid in.'
  return accounts
    .map((account) => {
      const times = account.topUps === 1 ? 'one payment' : `${account.topUps} payments`
      return `${ownerName(account)}  $${formatUsd(account.paidInNanoUsd)} paid in by ${times}`
    })
    .join('\n')
}

async function tellHistory(room: LimitRoom, options: Options): Promise<string> {
  const topUps = await room.topUpBook.list(ownerOf(options), historyMax)
  if (topUps.length === 0) return 'Nothing was paid in.'
  return topUps.map(lineOf).join('\n')
}

function ownerOf(options: Options): PrepaidOwner {
  const reads = readsOptions(options, use)
  const scope = reads.word('scope', prepaidScopes)
  const id = reads.text('subject')
  if (scope !== 'tenant') return { scope, id, tenantId: reads.text('tenant') }
  if (options['tenant'] === undefined) return { scope, id, tenantId: id }
  throw reads.wrong('--tenant has no meaning for the scope tenant.')
}

const ownerName = ({ scope, tenantId, id }: PrepaidOwner) =>
  scope === 'tenant' ? `tenant ${id}` : `${scope} ${tenantId}/${id}`

function lineOf(topUp: TopUp): string {
  const note = topUp.note === undefined ? '' : `  ${topUp.note}`
  const { topUpId, amountNanoUsd, addedAtMs, addedBy } = topUp
  return `${isoText(addedAtMs)}  ${topUpId}  ${ownerName(topUp)}  $${formatUsd(amountNanoUsd)}  by ${addedBy}${note}`
}
