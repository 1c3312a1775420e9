/** What budgets advise before a request is planned: cheaper models, shorter answers, or to come back later. */
import { isoText } from '#core/domain/budget-window.ts'
import type { WindowSpan } from '#core/domain/budget-window.ts'
import type { DegradeStep } from '#core/domain/degrade-step.ts'
import type { Balance } from '#core/domain/ledger-hold.ts'
import { formatUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Soon } from '#core/domain/soon.ts'
import {
  idsOf,
  limitFor,
  rememberingSpan,
  rulesOf,
  scopeName,
} from '#services/budget-manager/budget-limits.ts'
import type {
  BudgetSubject,
  CountedLimit,
  Organisations,
  Rule,
} from '#services/budget-manager/budget-limits.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import { readSpans } from '#services/budget-manager/span-balance.ts'

/** Who asks, before it is known who will answer. */
export type AskingSubject = Omit<BudgetSubject, 'target'>

export interface BudgetAdvice {
  /** Set when the cheapest should answer: the names that may, beside those that were asked for. */
  readonly cheaperModels: readonly string[] | undefined
  /** The longest answer. */
  readonly outputTokensMax: number | undefined
}

export type AdviceOf = (
  ledger: Ledger,
  subject: AskingSubject,
  nowMs: number,
) => Soon<BudgetAdvice | undefined>

/** One budget of the subject that has steps to take. */
interface DegradingBudget {
  readonly scope: string
  readonly span: WindowSpan
  readonly limitNanoUsd: NanoUsd
  readonly steps: readonly DegradeStep[]
}

/** A pace that is passed by a hair is not worth a wait of nothing. */
const paceWaitLeastMs = 1_000

/** Prepares the limits once; without a step anywhere, asking costs nothing. The function throws `budget_paced`, `store_unavailable`. */
export function createAdviceOf(limits: readonly CountedLimit[], organisations: Organisations): AdviceOf {
  const degrading = limits.some(({ degrade }) => degrade !== undefined && degrade.length > 0)
  if (!degrading) return () => undefined
  const rules = rulesOf(limits)
    .filter(({ forEach, byName }) => hasSteps(forEach) || [...byName.values()].some(hasSteps))
    .map((rule) => ({ ...rule, spanAt: rememberingSpan(rule) }))
  return (ledger, subject, nowMs) => {
    const budgets = rules.flatMap((rule) => budgetsOf(rule, subject, organisations, rule.spanAt(nowMs)))
    if (budgets.length === 0) return undefined
    const balances = readSpans(ledger, budgets)
    const advise = (read: readonly Balance[]) => adviceFrom(budgets, read, nowMs)
    return balances instanceof Promise ? balances.then(advise) : advise(balances)
  }
}

const hasSteps = (limit: CountedLimit | undefined) => (limit?.degrade?.length ?? 0) > 0

function budgetsOf(
  rule: Rule,
  subject: AskingSubject,
  organisations: Organisations,
  span: WindowSpan,
): readonly DegradingBudget[] {
  if (rule.scope === 'model' || rule.scope === 'provider') return []
  const { tenantId } = subject.caller
  return idsOf(rule.scope, subject, organisations).flatMap((id) => {
    const limit = limitFor(rule, tenantId, id)
    if (!limit?.degrade || limit.degrade.length === 0) return []
    const { limitNanoUsd, degrade: steps } = limit
    return [{ scope: scopeName(rule.scope, tenantId, id), span, limitNanoUsd, steps }]
  })
}

function adviceFrom(
  budgets: readonly DegradingBudget[],
  balances: readonly Balance[],
  nowMs: number,
): BudgetAdvice | undefined {
  let cheaperModels: readonly string[] | undefined
  let outputTokensMax: number | undefined
  for (const [position, budget] of budgets.entries()) {
    const { settled = 0, reserved = 0 } = balances[position] ?? {}
    const used = settled + reserved
    for (const { fromPercent, action, models, outputTokens } of budget.steps) {
      if (used * 100 < budget.limitNanoUsd * fromPercent) continue
      if (action === 'pace') keepPace(budget, balances[position], nowMs)
      else if (action === 'cheaper_models') cheaperModels = [...(cheaperModels ?? []), ...models]
      else if (outputTokens !== undefined)
        outputTokensMax = Math.min(outputTokens, outputTokensMax ?? outputTokens)
    }
  }
  if (cheaperModels === undefined && outputTokensMax === undefined) return undefined
  return { cheaperModels, outputTokensMax }
}

/** Money is there, and more of it than should be spent by now: the window's end is as far as it must last. */
function keepPace(
  { scope, span, limitNanoUsd }: DegradingBudget,
  balance: Balance | undefined,
  nowMs: number,
): void {
  const { startsAtMs, endsAtMs } = span
  // A limit that is used up refuses by itself, with what that is called.
  if (!balance || endsAtMs === undefined || balance.settled + balance.reserved >= limitNanoUsd) return
  const used = balance.settled + balance.reserved
  const dueAtMs = startsAtMs + Math.ceil((used / limitNanoUsd) * (endsAtMs - startsAtMs))
  if (dueAtMs <= nowMs) return
  const retryAfterMs = Math.max(paceWaitLeastMs, dueAtMs - nowMs)
  throw new Problem('budget_paced', {
    detail:
      `The budget of ${scope} for ${span.id} is $${formatUsd(limitNanoUsd)} and is to last until ${isoText(endsAtMs)}: ` +
      `$${formatUsd(balance.settled)} is spent and $${formatUsd(balance.reserved)} is held by running requests, ` +
      `which is due at ${isoText(dueAtMs)}.`,
    retryAfterMs,
    facts: {
      scope,
      window: span.id,
      limit_usd: formatUsd(limitNanoUsd),
      spent_usd: formatUsd(balance.settled),
      held_usd: formatUsd(balance.reserved),
      due_at: isoText(dueAtMs),
      resets_at: isoText(endsAtMs),
    },
  })
}
