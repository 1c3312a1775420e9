/** The budget manager: holds the most that a request can cost at every level at once, and charges what it did cost. */
import type { BudgetScope } from '#core/domain/budget-scope.ts'
import type { BudgetStanding } from '#core/domain/budget-standing.ts'
import { windowAt } from '#core/domain/budget-window.ts'
import type { CountedWindow } from '#core/domain/budget-window.ts'
import type { Caller } from '#core/domain/caller.ts'
import type { Clock } from '#core/domain/clock.ts'
import type { Balance, HoldAnswer, Settlement, Shortage } from '#core/domain/ledger-hold.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { Target } from '#core/domain/target.ts'
import { createAdviceOf } from '#services/budget-manager/budget-advice.ts'
import type { AskingSubject, BudgetAdvice } from '#services/budget-manager/budget-advice.ts'
import { costBounds, outputCapFor } from '#services/budget-manager/budget-estimate.ts'
import { createScopesOf, scopeName } from '#services/budget-manager/budget-limits.ts'
import type { BudgetLimit, CountedLimit, Organisations } from '#services/budget-manager/budget-limits.ts'
import { refuse } from '#services/budget-manager/budget-refusal.ts'
import { createSightings } from '#services/budget-manager/budget-sightings.ts'
import type { Sightings } from '#services/budget-manager/budget-sightings.ts'
import { createWatchList, readStandings } from '#services/budget-manager/budget-standings.ts'
import { isLimited } from '#services/budget-manager/joint-refusal.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import { createOutageAdvice } from '#services/budget-manager/outage-advice.ts'
import { readSpans } from '#services/budget-manager/span-balance.ts'
import type { PrepaidAccount } from '#services/budget-manager/top-up-book.ts'
import { createUnsureSteps } from '#services/budget-manager/unsure-steps.ts'
import type { UnsureSteps } from '#services/budget-manager/unsure-steps.ts'

export interface BudgetSettings {
  /** For each user and calendar month (UTC) that no limit below names; undefined is no limit. */
  readonly defaultMonthlyLimitNanoUsd: NanoUsd | undefined
  readonly limits: readonly BudgetLimit[]
  /** What was paid into prepaid balances; who has none is not held by one. */
  readonly prepaid?: readonly PrepaidAccount[] | undefined
  /** By tenant; one that is not named belongs to none. */
  readonly organisations?: Organisations | undefined
  /** A hold that nobody settles is charged in full after this long. Longer than the longest request. */
  readonly holdLeaseMs: number
}

export interface BudgetNeed {
  readonly requestId: string
  readonly caller: Caller
  readonly userId: string | undefined
  /** Whom the request names, where that is not the user to whom its key belongs. */
  readonly endUserId?: string | undefined
  readonly tags: readonly string[]
  readonly target: Target
  readonly price: PriceVersion
  readonly inputTokensBound: number
  /** The most output tokens that could be useful: the caller's limit, or the operator's for callers without one. */
  readonly outputTokensWished: number
  /** The most search units that a ranking may be billed as; undefined is none. */
  readonly searchUnitsBound?: number | undefined
  /** How many answers are asked for at once; each may be as long as the cap. */
  readonly answerCount: number
  readonly maxCostNanoUsd: NanoUsd | undefined
  /** What the request has cost already, which the same hold must cover beside this. */
  readonly spentNanoUsd?: NanoUsd | undefined
}

export interface Reservation {
  readonly requestId: string
  /** The target that the hold was last fitted to. */
  readonly target: Target
  readonly amount: NanoUsd
  /** What the amount pays for, and what is sent upstream as the cap (per answer). */
  readonly outputTokensCap: number
  readonly price: PriceVersion
}

/** What went otherwise than planned since the start. */
export interface BudgetCounts {
  readonly refused: number
  /** Charges beyond their holds: how many and how much in all. */
  readonly overUses: number
  readonly overUseNanoUsd: NanoUsd
  /** Holds that ended without a settlement and were charged in full. */
  readonly expired: number
}

export interface BudgetManager {
  /** Holds money at every level at once. Throws `budget_exceeded`, `request_cost_exceeded`, `store_unavailable`. */
  reserve(need: BudgetNeed): Soon<Reservation>
  /** The same hold for another target: grows it when needed. Throws as `reserve` does; the old hold then stands. */
  refit(held: Reservation, need: BudgetNeed): Soon<Reservation>
  /**
   * What the budgets of whoever asks would have done before they refuse, by what they stand at now; undefined when
   * nothing, or when the ledger is away. Throws `budget_paced`.
   */
  advise(subject: AskingSubject): Soon<BudgetAdvice | undefined>
  /**
   * To be called before every attempt at a provider, after the hold was fitted to it. Throws `store_unavailable` when
   * the hold may not count any more; then nothing may be sent.
   */
  dispatch(held: Reservation): Soon<void>
  /** Charges what was spent and gives the rest back. Once; later calls do nothing. */
  settle(held: Reservation, spent: NanoUsd): Soon<void>
  /** What one scope has spent and holds in the window that a moment (default: now) lies in. */
  spent(question: SpentQuestion): Soon<Balance>
  /**
   * What every budget with a limit stands at now: those with a name, and those of each one of a scope whom this
   * instance counted a request for lately.
   */
  standings(): Soon<readonly BudgetStanding[]>
  /** Charges holds whose holder is gone, and closes those of which the ledger gave no answer. To be called every few seconds. */
  expire(): Soon<void>
  /** Takes new settings for everything that comes after. */
  apply(settings: BudgetSettings): void
  counts(): BudgetCounts
}

export interface SpentQuestion {
  readonly scope: BudgetScope
  readonly tenantId: string
  readonly id: string
  readonly window: CountedWindow
  /** Default: UTC. */
  readonly timeZone?: string | undefined
  readonly atMs?: number | undefined
}

export interface BudgetManagerPorts {
  readonly ledger: Ledger
  readonly clock: Clock
}

/** When less is left than this many output tokens cost, the request is refused. */
const outputTokensLeast = 64
/** A request is settled or charged within its lease, and looked at a while longer. */
const unseenMs = 60_000

export function createBudgetManager(
  { ledger, clock }: BudgetManagerPorts,
  settings: BudgetSettings,
): BudgetManager {
  const sightings = createSightings()
  let current = prepare(settings, sightings)
  const tally = createTally(sightings)
  const unsure = createUnsureSteps(ledger)
  const advice = createOutageAdvice(clock)

  const hold = createHolding({ ledger, clock, tally, unsure, prepared: () => current })

  return {
    reserve: (need) => hold(need, 'reserve'),
    refit: (_held, need) => hold(need, 'extend'),
    advise: (subject) => advice(() => current.adviceOf(ledger, subject, clock.nowMs())),
    dispatch: (held) => ledger.dispatch?.(held.requestId),
    settle(held, spent) {
      const settlement = ledger.settle(held.requestId, spent)
      if (!(settlement instanceof Promise)) return tally.noteSettlement(settlement)
      return settlement.then(tally.noteSettlement, (failure: unknown) => {
        unsure.note(held.requestId, spent)
        throw failure
      })
    },
    spent: (question) => spentOf(ledger, question, clock.nowMs()),
    standings() {
      const nowMs = clock.nowMs()
      const seenSinceMs = nowMs - current.holdLeaseMs - unseenMs
      return readStandings(ledger, current.watchList({ nowMs, seenSinceMs }))
    },
    expire() {
      const expire = () => {
        const expired = ledger.expire(clock.nowMs())
        return expired instanceof Promise ? expired.then(tally.noteExpired) : tally.noteExpired(expired)
      }
      return unsure.count() === 0 ? expire() : unsure.retry(tally.noteSettlement).then(expire)
    },
    apply(next) {
      current = prepare(next, sightings)
    },
    counts: tally.counts,
  }
}

interface HoldingParts extends BudgetManagerPorts {
  readonly tally: Pick<ReturnType<typeof createTally>, 'noteRefusal'>
  readonly unsure: Pick<UnsureSteps, 'note'>
  readonly prepared: () => ReturnType<typeof prepare>
}

/** One step of the ledger at every level, and what becomes of its answer. */
function createHolding({ ledger, clock, tally, unsure, prepared }: HoldingParts) {
  return (need: BudgetNeed, action: 'reserve' | 'extend'): Soon<Reservation> => {
    const { scopesOf, holdLeaseMs } = prepared()
    const nowMs = clock.nowMs()
    const { amount, amountLeast } = costBounds(need, outputTokensLeast)
    const scopes = scopesOf(need, nowMs)
    const expiresAtMs = nowMs + holdLeaseMs
    const answer = ledger[action]({ holdId: need.requestId, amount, amountLeast, scopes, expiresAtMs })
    const finish = (given: HoldAnswer): Soon<Reservation> => {
      if (given.isHeld) return reservationOf(need, given.amount)
      tally.noteRefusal(given, amountLeast)
      return refuse(ledger, { shortage: given, scopes, amountLeast })
    }
    if (!(answer instanceof Promise)) return finish(answer)
    return answer.then(finish, (failure: unknown) => {
      // The request ends here without a reservation, and the ledger may have granted one. Of a hold that was refitted
      // its holder still knows.
      if (action === 'reserve' && !isLimited(failure)) unsure.note(need.requestId, zeroUsd)
      throw failure
    })
  }
}

function createTally(sightings: Sightings) {
  const counts = { refused: 0, overUses: 0, overUse: 0, expired: 0 }
  return {
    noteRefusal: ({ settled, limit, scope, window }: Shortage, amountLeast: NanoUsd) => {
      counts.refused += 1
      // What running requests hold may come back; what is spent does not.
      if (settled + amountLeast > limit) sightings.noteRefusal(scope, window)
    },
    noteSettlement: ({ overUse }: Settlement) => {
      if (overUse === 0) return
      counts.overUses += 1
      counts.overUse += overUse
    },
    noteExpired: (expired: number) => {
      counts.expired += expired
    },
    counts: (): BudgetCounts => ({
      refused: counts.refused,
      overUses: counts.overUses,
      overUseNanoUsd: counts.overUse as NanoUsd,
      expired: counts.expired,
    }),
  }
}

function spentOf(ledger: Ledger, question: SpentQuestion, nowMs: number): Soon<Balance> {
  const { scope, tenantId, id, window, timeZone, atMs } = question
  const span = windowAt(window, atMs ?? nowMs, timeZone)
  const counter = scopeName(scope, tenantId, id)
  const first = (balances: readonly Balance[]) =>
    balances[0] ?? {
      scope: counter,
      window: span.id,
      settled: zeroUsd,
      reserved: zeroUsd,
      estimated: zeroUsd,
    }
  const balances = readSpans(ledger, [{ scope: counter, span }])
  return balances instanceof Promise ? balances.then(first) : first(balances)
}

function prepare(settings: BudgetSettings, sightings: Sightings) {
  const { defaultMonthlyLimitNanoUsd, limits, prepaid = [], organisations, holdLeaseMs } = settings
  const byDefault: readonly BudgetLimit[] =
    defaultMonthlyLimitNanoUsd === undefined
      ? []
      : [{ scope: 'user', window: 'month', limitNanoUsd: defaultMonthlyLimitNanoUsd }]
  const paidIn = prepaid.map(({ scope, tenantId, id, paidInNanoUsd }): CountedLimit => ({
    scope,
    id,
    tenantId: scope === 'tenant' ? undefined : tenantId,
    window: 'prepaid',
    limitNanoUsd: paidInNanoUsd,
  }))
  const all = [...byDefault, ...limits, ...paidIn]
  return {
    scopesOf: createScopesOf(all, sightings, organisations),
    adviceOf: createAdviceOf(all, organisations ?? new Map<string, string>()),
    watchList: createWatchList(all, sightings),
    holdLeaseMs,
  }
}

function reservationOf(need: BudgetNeed, amount: NanoUsd): Reservation {
  return {
    requestId: need.requestId,
    target: need.target,
    amount,
    outputTokensCap: outputCapFor(need, amount),
    price: need.price,
  }
}
