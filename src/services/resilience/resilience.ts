/** Resilience: the way to each target, how long it may take, and when to ask it again. */
import type { Chance, Clock } from '#core/domain/clock.ts'
import type { Deadlines, Haste, OwnDeadlines } from '#core/domain/deadlines.ts'
import { Problem } from '#core/domain/problem.ts'
import { targetName } from '#core/domain/target.ts'
import type { Target, TargetSignal } from '#core/domain/target.ts'
import type { BreakerState } from '#services/resilience/breaker.ts'
import { deadlinesOf, thinks, waitLeftMs } from '#services/resilience/deadline-rules.ts'
import type { DeadlineSettings } from '#services/resilience/deadline-rules.ts'
import { createHedges } from '#services/resilience/hedge-allowance.ts'
import type { Hedges, HedgeSettings } from '#services/resilience/hedge-allowance.ts'
import { createHintExchange } from '#services/resilience/hint-exchange.ts'
import { noHintBoard } from '#services/resilience/hints.ts'
import type { Hint, HintBoard } from '#services/resilience/hints.ts'
import { createKeyRests } from '#services/resilience/key-rests.ts'
import type { KeyRests } from '#services/resilience/key-rests.ts'
import { settingsFor } from '#services/resilience/own-deadlines.ts'
import type { SlowSettings } from '#services/resilience/own-deadlines.ts'
import { createRecentNames } from '#services/resilience/recent-names.ts'
import { createRetryPolicy } from '#services/resilience/retry.ts'
import type { RetrySettings } from '#services/resilience/retry.ts'
import { createSilenceWatch } from '#services/resilience/silence-watch.ts'
import { createTargetWatch } from '#services/resilience/target-watch.ts'
import type { EnterTerms, TargetPass, TargetWatch, WatchSettings } from '#services/resilience/target-watch.ts'
import type { TypicalWait } from '#services/resilience/typical-wait.ts'

export interface ResilienceSettings extends DeadlineSettings, SlowSettings, WatchSettings {
  readonly retry: RetrySettings
  readonly hedge: HedgeSettings
  readonly ownDeadlines?: OwnDeadlines | undefined
}

/** One track to one model, for operators. */
export interface TrackHealth {
  /** `provider/model@region#credential`; never the key itself. */
  readonly name: string
  readonly target: string
  /** Undefined when only another instance has asked it so far. */
  readonly provider: string | undefined
  readonly region: string | undefined
  /** The name of its key, where there are several. */
  readonly credential: string | undefined
  readonly state: BreakerState
  readonly successRate: number | undefined
  readonly slowRate: number
  readonly latencyMs: number | undefined
  readonly retryInMs: number
  /** For how much longer its key cools down. */
  readonly restsForMs: number
  readonly isEjected: boolean
  /** Another instance found it broken. */
  readonly isSuspected: boolean
}

/** An attempt that failed, and what is left to try. */
export interface FailedAttempt {
  readonly problem: Problem
  readonly target: Target
  /** Attempts already made at this target, from 1. */
  readonly attempts: number
  readonly tried: readonly string[]
  readonly hasOtherTargets: boolean
  readonly haste: Haste
}

export interface Resilience extends Hedges {
  /** Opens the way to a target. Throws `circuit_open`. The pass must be closed with the outcome, whatever it is. */
  enter(target: Target, terms: Omit<EnterTerms, 'slowAfterMs' | 'isThinking'>): TargetPass
  /** How long to wait before asking the same target again, or undefined when that is pointless. */
  retryDelayMs(failed: FailedAttempt): number | undefined
  /** Why this target should not be asked any more: it takes longer than what is left. Undefined when it may be. */
  refuseLate(target: Target, haste: Haste): Problem | undefined
  /** For the next call of a request. Throws `deadline_exceeded`. */
  deadlinesFor(target: Target, haste: Haste): Deadlines
  signalOf(targetName: string): TargetSignal
  /** Every track under watch, for operators. */
  health(): readonly TrackHealth[]
  counts(): ResilienceCounts
  /** Takes in what other instances found. Never rejects. */
  listen(): Promise<void>
}

/** Since the start. */
export interface ResilienceCounts {
  readonly retries: number
  /** Retries that the budget did not allow. */
  readonly retriesDenied: number
  readonly breakersOpened: number
  readonly hintsHeard: number
}

export interface ResiliencePorts {
  readonly clock: Clock
  readonly chance: Chance
  readonly settings: () => ResilienceSettings
  readonly board?: HintBoard
  readonly report?: (failure: unknown, place: string) => void
}

const unknownSignal: TargetSignal = { isAvailable: true, successRate: undefined, latencyMs: undefined }

export function createResilience(ports: ResiliencePorts): Resilience {
  const { clock, chance, settings } = ports
  const keyRests = createKeyRests(clock)
  let breakersOpened = 0

  /** What another instance found, or this one. */
  const take = (hint: Hint): void => {
    if (hint.kind === 'key-rest') keyRests.rest(hint.of + hint.track, hint.forMs)
  }
  const tell = (hint: Hint): void => {
    if (hint.kind === 'open') breakersOpened++
    take(hint)
    exchange.tell(hint)
  }
  const silences = createSilenceWatch(clock)
  const watches = createRecentNames<TargetWatch>((name) =>
    createTargetWatch(name, { clock, chance, settings, keyRests, tell, silences }),
  )
  const hear = (hint: Hint): void => {
    take(hint)
    if (hint.kind !== 'key-rest') watches.use(hint.of).hear(hint)
  }
  const { board = noHintBoard, report = () => undefined } = ports
  const exchange = createHintExchange({ board, clock, report, hear })
  const retry = createRetryPolicy(clock, chance, () => settings().retry)
  const watchOf = (target: Target) => watches.peek(targetName(target))
  const usualWaitOf = (target: Target, { isStreamed }: Pick<Haste, 'isStreamed'>) =>
    watchOf(target)?.usualWait(isStreamed)

  const rulesFor = (target: Target, haste?: Haste) => settingsFor(settings(), target, haste?.route)
  return {
    enter(target, terms) {
      const name = targetName(target)
      const slowAfterMs = slowAfterMsOf(rulesFor(target), target)
      silences.look()
      const pass = watches.use(name).enter(target, { ...terms, slowAfterMs, isThinking: thinks(target) })
      retry.countRequest(name)
      return pass
    },
    retryDelayMs({ problem, target, attempts, tried, hasOtherTargets, haste }) {
      const name = targetName(target)
      const msLeft = waitLeftMs(rulesFor(target, haste), haste) - (usualWaitOf(target, haste)?.medianMs ?? 0)
      const freshTracks = watchOf(target)?.freshTracks(target, tried) ?? 0
      return retry.delayMs({ problem, targetName: name, attempts, hasOtherTargets, freshTracks, msLeft })
    },
    refuseLate: (target, haste) =>
      lateness(target, waitLeftMs(rulesFor(target, haste), haste), usualWaitOf(target, haste)),
    ...createHedges(() => settings().hedge, watchOf),
    deadlinesFor: (target, haste) => deadlinesOf(rulesFor(target, haste), target, haste),
    signalOf: (name) => watches.peek(name)?.signal ?? unknownSignal,
    health: () => [...watches.entries()].flatMap(([name, watch]) => healthOf(name, watch, keyRests)),
    counts: () => ({
      retries: retry.counts.granted,
      retriesDenied: retry.counts.denied,
      breakersOpened,
      hintsHeard: exchange.counts.heard,
    }),
    listen: () => exchange.listen(),
  }
}

const slowAfterMsOf = (settings: ResilienceSettings, target: Target): number =>
  thinks(target) ? settings.slowFirstTokenReasoningMs : settings.slowFirstTokenMs

function healthOf(target: string, watch: TargetWatch, keyRests: KeyRests): readonly TrackHealth[] {
  return [...watch.tracks].map(([track, { breaker, latencyMs, restsForMs, isEjected }]) => {
    const known = watch.trackNamed(track)
    const provider = known?.row.name
    return {
      name: target + track,
      target,
      provider,
      region: known?.region,
      credential: known?.credential,
      state: breaker.state,
      successRate: breaker.successRate,
      slowRate: breaker.window.slowRate,
      latencyMs,
      retryInMs: breaker.waitMs,
      restsForMs: Math.max(restsForMs, provider === undefined ? 0 : keyRests.leftMs(provider + track)),
      isEjected,
      isSuspected: breaker.isSuspected,
    }
  })
}

/** Whoever usually takes longer than what is left would be asked, and paid, for nothing. */
function lateness(target: Target, leftMs: number, usual: TypicalWait | undefined): Problem | undefined {
  if (leftMs <= 0) return new Problem('deadline_exceeded')
  if (usual?.isTooShort(leftMs) !== true) return undefined
  const name = targetName(target)
  const facts = { target: name, usual_ms: Math.round(usual.medianMs ?? 0), left_ms: Math.round(leftMs) }
  return new Problem('deadline_exceeded', {
    detail: `${name} usually takes ${facts.usual_ms} ms, and ${facts.left_ms} ms were left; it was not asked.`,
    facts,
  })
}
