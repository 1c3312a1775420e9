/** What every budget with a limit stands at: the named ones, and those of each one whom requests counted for lately. */
import { isAcrossTenants } from '#core/domain/budget-scope.ts'
import type { BudgetStanding } from '#core/domain/budget-standing.ts'
import { isoText, isRolling } from '#core/domain/budget-window.ts'
import type { CountedWindow, WindowSpan } from '#core/domain/budget-window.ts'
import type { Balance } from '#core/domain/ledger-hold.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { Soon } from '#core/domain/soon.ts'
import { limitFor, rememberingSpan, rulesOf, scopeName } from '#services/budget-manager/budget-limits.ts'
import type { CountedLimit, Rule } from '#services/budget-manager/budget-limits.ts'
import { forgetUnseen } from '#services/budget-manager/budget-sightings.ts'
import type { Sightings } from '#services/budget-manager/budget-sightings.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import { readSpans } from '#services/budget-manager/span-balance.ts'

/** A budget of which the balance is still to be read. */
interface WatchedBudget {
  readonly budget: Omit<BudgetStanding, 'spentNanoUsd' | 'heldNanoUsd'>
  /** What its counters are called, which of a rolling window change with every part. */
  readonly counted: WindowSpan
}

export interface WatchTerms {
  readonly nowMs: number
  /** Whom no request counted for since then is left out and forgotten. */
  readonly seenSinceMs: number
}

/** Prepares the limits once; each call of the function gives the budgets as of a moment. */
export function createWatchList(limits: readonly CountedLimit[], sightings: Sightings) {
  const rules = rulesOf(limits)
    .filter(({ forEach, byName }) => forEach !== undefined || byName.size > 0)
    .map((rule) => ({ ...rule, spanAt: rememberingSpan(rule) }))
  return ({ nowMs, seenSinceMs }: WatchTerms): readonly WatchedBudget[] =>
    rules.flatMap((rule) => watchedOf(rule, sightings, { nowMs, seenSinceMs }))
}

/** Reads the balances of all of them in one step. Throws `store_unavailable`. */
export function readStandings(
  ledger: Ledger,
  watched: readonly WatchedBudget[],
): Soon<readonly BudgetStanding[]> {
  const combine = (balances: readonly Balance[]) =>
    watched.map(({ budget }, index): BudgetStanding => {
      const { settled, reserved } = balances[index] ?? { settled: zeroUsd, reserved: zeroUsd }
      return { ...budget, spentNanoUsd: settled, heldNanoUsd: reserved }
    })
  const balances = readSpans(
    ledger,
    watched.map(({ budget, counted }) => ({ scope: budget.counter, span: counted })),
  )
  return balances instanceof Promise ? balances.then(combine) : combine(balances)
}

interface WatchedRule extends Rule {
  readonly spanAt: (nowMs: number) => WindowSpan
}

function watchedOf(rule: WatchedRule, sightings: Sightings, terms: WatchTerms): readonly WatchedBudget[] {
  const counted = rule.spanAt(terms.nowMs)
  const span = toldSpan(rule.window, counted, terms.nowMs)
  const seen = sightings.of(rule)
  forgetUnseen(seen, terms.seenSinceMs)
  const found = new Map<string, WatchedBudget>()
  const add = (tenantId: string, id: string) => {
    const limit = limitFor(rule, tenantId, id)
    const counter = scopeName(rule.scope, tenantId, id)
    if (!limit || found.has(counter)) return
    const isRefusing = seen.get(counter)?.refusedIn === counted.id
    found.set(counter, {
      budget: { ...wordsOf(rule, tenantId, id), ...termsOf(limit, counter, span), isRefusing },
      counted,
    })
  }
  for (const limit of [rule.forEach, ...rule.byName.values()]) {
    if (limit) addNamed(limit, add)
  }
  for (const { tenantId, id } of seen.values()) add(tenantId, id)
  return [...found.values()]
}

/**
 * The window that people are told of. A rolling one has no beginning: it is told as a span of its length that begins
 * when such spans do, so that what is told once in a window is not told again with every part.
 */
function toldSpan(window: CountedWindow, counted: WindowSpan, nowMs: number): WindowSpan {
  if (!isRolling(window)) return counted
  const lengthMs = (counted.resetsAtMs ?? 0) - (counted.endsAtMs ?? 0)
  const startsAtMs = Math.floor(nowMs / lengthMs) * lengthMs
  const endsAtMs = startsAtMs + lengthMs
  return {
    id: `${isoText(startsAtMs).slice(0, 16)}/${window}`,
    startsAtMs,
    endsAtMs,
    resetsAtMs: endsAtMs,
  }
}

/** A limit that names one subject in full is watched even while nobody asks. */
function addNamed({ scope, id, tenantId }: CountedLimit, add: (tenantId: string, id: string) => void): void {
  if (scope === 'everyone') add('', '*')
  else if (id === undefined) return
  else if (scope === 'tenant') add(id, id)
  else if (isAcrossTenants(scope)) add('', id)
  else if (tenantId !== undefined) add(tenantId, id)
}

function wordsOf({ scope, window }: Rule, tenantId: string, id: string) {
  return {
    scope,
    window,
    subject: scope === 'everyone' ? undefined : id,
    tenantId: isAcrossTenants(scope) ? undefined : tenantId,
  }
}

const termsOf = (limit: CountedLimit, counter: string, span: WindowSpan) => ({
  counter,
  span,
  limitNanoUsd: limit.limitNanoUsd,
  isHard: limit.isHard !== false,
})
