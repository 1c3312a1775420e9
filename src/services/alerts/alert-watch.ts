/** The watch: looks at what budgets stand at and claims every mark that was passed, so that it is told once. */
import type { AlertDestination } from '#core/domain/alert-destination.ts'
import type { BudgetStanding } from '#core/domain/budget-standing.ts'
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { AlertBook } from '#services/alerts/alert-book.ts'
import { markName } from '#services/alerts/alert.ts'
import type { BudgetAlert, Mark } from '#services/alerts/alert.ts'
import { usedUpAt } from '#services/alerts/forecast.ts'
import type { Baseline } from '#services/alerts/forecast.ts'
import { letterOf, writeLetter } from '#services/alerts/letter.ts'
import { passedMarks } from '#services/alerts/passed-marks.ts'
import type { MarkRules } from '#services/alerts/passed-marks.ts'

export interface WatchPorts {
  /** What every budget with a limit stands at, read in one step. */
  readonly standings: () => Soon<readonly BudgetStanding[]>
  readonly book: Pick<AlertBook, 'claim'>
  readonly clock: Clock
  readonly chance: Chance
  /** Hears of every alert that this instance is the one to tell. */
  readonly tell: (alert: BudgetAlert) => void
}

export interface WatchSettings {
  readonly rules: MarkRules
  readonly destinations: readonly AlertDestination[]
}

export interface AlertWatch {
  /** Throws `store_unavailable`; what was not claimed then is claimed at a later look. */
  look(settings: WatchSettings): Promise<void>
}

/** What is delivered of a budget whose window never ends. */
const endlessMs = 30 * 86_400_000
/** A rate without a window is measured over this long at most. */
const baselineAgeMaxMs = 14 * 86_400_000
/** Claims that are known here and need no look into the book; past this many it is asked again. */
const knownMax = 100_000

export function createAlertWatch({ standings, book, clock, chance, tell }: WatchPorts): AlertWatch {
  /** The limit at which a mark is known to be claimed. */
  const known = new Map<string, { readonly limitNanoUsd: number; readonly endsAtMs: number }>()
  const baselines = createBaselines()

  const claim = async (alert: BudgetAlert, isHighest: boolean, destinations: readonly AlertDestination[]) => {
    const { standing, mark, atMs } = alert
    const { counter, span, limitNanoUsd } = standing
    const name = `${counter} ${span.id} ${markName(mark)}`
    if ((known.get(name)?.limitNanoUsd ?? -1) >= limitNanoUsd) return
    const told = destinations.filter((destination) => concerns(destination, standing)).map((one) => one.name)
    const endsAtMs = span.resetsAtMs ?? atMs + endlessMs
    const answer = await book.claim({
      counter,
      windowId: span.id,
      mark: markName(mark),
      limitNanoUsd,
      alertId: alert.id,
      alert: writeLetter(letterOf(alert)),
      claimedAtMs: atMs,
      endsAtMs,
      forgottenAtMs: span.resetsAtMs,
      destinations: told,
      destinationsAgain: isHighest ? told : [],
    })
    if (known.size >= knownMax) known.clear()
    known.set(name, { limitNanoUsd, endsAtMs })
    if (answer === 'first' || (answer === 'again' && isHighest)) tell(alert)
  }

  const lookAt = async (standing: BudgetStanding, nowMs: number, settings: WatchSettings) => {
    const usedUpAtMs = usedUpAt(standing, nowMs, baselines.of(standing, nowMs))
    const marks = passedMarks(standing, settings.rules, { nowMs, usedUpAtMs })
    const highest = marks.findLast(({ kind }) => kind === 'threshold')
    for (const mark of marks) {
      const alert = {
        kind: 'budget',
        id: chance.uniqueId(),
        mark,
        standing,
        usedUpAtMs,
        atMs: nowMs,
      } as const
      await claim(alert, isWorthAgain(mark, highest), settings.destinations)
    }
  }

  return {
    async look(settings) {
      const found = await standings()
      const nowMs = clock.nowMs()
      for (const [name, { endsAtMs }] of known) if (endsAtMs <= nowMs) known.delete(name)
      baselines.keepOnly(found)
      for (const standing of found) await lookAt(standing, nowMs, settings)
    },
  }
}

/** After a limit was raised one alert says where the budget stands; the thresholds below it are claimed in silence. */
const isWorthAgain = (mark: Mark, highest: Mark | undefined) => mark.kind === 'forecast' || mark === highest

/** Whether a destination wants to hear of a budget. */
export function concerns({ scopes, tenants }: AlertDestination, standing: BudgetStanding): boolean {
  if (scopes && !scopes.includes(standing.scope)) return false
  return !tenants || (standing.tenantId !== undefined && tenants.includes(standing.tenantId))
}

/** First looks at budgets whose window has no start. */
function createBaselines() {
  const first = new Map<string, Baseline>()
  return {
    of({ counter, span, spentNanoUsd }: BudgetStanding, nowMs: number): Baseline | undefined {
      if (span.resetsAtMs !== undefined) return undefined
      const seen = first.get(counter)
      if (seen && nowMs - seen.atMs <= baselineAgeMaxMs) return seen
      first.set(counter, { atMs: nowMs, spentNanoUsd })
      return undefined
    },
    keepOnly(standings: readonly BudgetStanding[]) {
      if (first.size === 0) return
      const present = new Set(standings.map(({ counter }) => counter))
      for (const counter of first.keys()) if (!present.has(counter)) first.delete(counter)
    },
  }
}
