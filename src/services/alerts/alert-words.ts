/** An alert in words for people: a line for the subject of a mail, and the sentences below it. */
import { isoText, isRolling } from '#core/domain/budget-window.ts'
import { formatUsd } from '#core/domain/money.ts'
import type { BudgetStanding } from '#core/domain/budget-standing.ts'
import type { Alert, BudgetAlert } from '#services/alerts/alert.ts'
import { percentOf } from '#services/alerts/passed-marks.ts'

export interface AlertWords {
  readonly title: string
  readonly sentences: readonly string[]
}

export function wordsOf(alert: Alert): AlertWords {
  if (alert.kind === 'test') {
    return {
      title: 'Signalbox: test alert',
      sentences: ['This is a test. Budget alerts of Signalbox will arrive here.'],
    }
  }
  const { standing } = alert
  const name = budgetName(standing)
  return {
    title: `Signalbox: ${titleOf(alert, name)}`,
    sentences: [
      `$${formatUsd(standing.spentNanoUsd)} of $${formatUsd(standing.limitNanoUsd)} is spent (${percentOf(standing)} %) of the budget of ${name}.`,
      ...(standing.isRefusing ? ['What is left does not pay for another answer: requests are refused.'] : []),
      ...(alert.usedUpAtMs === undefined
        ? []
        : [`At the present run rate it will be used up on ${dateOf(alert.usedUpAtMs)}.`]),
      resetSentence(standing),
    ],
  }
}

function resetSentence({ window, span }: BudgetStanding): string {
  if (isRolling(window)) return 'It has no beginning: what is spent counts until its length has passed.'
  if (window === 'prepaid') return 'It is a prepaid balance, and lasts until it is topped up.'
  if (span.resetsAtMs === undefined) return 'It never begins anew.'
  return `It begins anew on ${dateOf(span.resetsAtMs)}.`
}

function titleOf({ mark, standing }: BudgetAlert, name: string): string {
  if (mark.kind === 'forecast') return `the budget of ${name} will not last`
  return `${percentOf(standing)} % of the budget of ${name} is spent`
}

function budgetName({ scope, subject, tenantId, window, span }: BudgetStanding): string {
  const whose = subject === undefined ? scope : `${scope} ${plain(subject)}`
  const of = tenantId === undefined || scope === 'tenant' ? '' : ` of ${plain(tenantId)}`
  if (window === 'prepaid') return `${whose}${of} for all that was paid in`
  if (isRolling(window)) return `${whose}${of} for the ${window.replace('-', ' ')}`
  return `${whose}${of} for ${window === 'total' ? 'all time' : `the ${window} ${span.id}`}`
}

const dateOf = (atMs: number) => `${isoText(atMs).slice(0, 16).replace('T', ' ')} UTC`

const nameCharactersMax = 128

/** Names of users and tags come from callers: on one line, and not too long. */
const plain = (name: string) => name.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').slice(0, nameCharactersMax)
