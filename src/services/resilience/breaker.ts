/** A circuit breaker: leaves a failing track alone for a while, then lets a few real requests try it again. */
import type { Chance, Clock } from '#core/domain/clock.ts'
import { Problem } from '#core/domain/problem.ts'
import { createOutcomeWindow } from '#services/resilience/outcome-window.ts'
import type { OutcomeWindow } from '#services/resilience/outcome-window.ts'
import { createTrials } from '#services/resilience/trials.ts'
import type { Trial, Trials } from '#services/resilience/trials.ts'

export interface BreakerSettings {
  /** The time over which outcomes are counted. */
  readonly windowMs: number
  /** Opens at this share of failures ... */
  readonly failureRate: number
  /** ... or at this share of first contents that came too late ... */
  readonly slowRate: number
  /** ... once at least this many requests were counted, or so many in a row have failed; */
  readonly minimumRequests: number
  /** or after this many attempts in a row that did not even connect, */
  readonly connectErrors: number
  /** or of which nothing was heard for far longer than usual. */
  readonly silentCalls: number
  /** How long it stays open the first time; twice as long each time that a trial fails ... */
  readonly openMs: number
  /** ... up to this; */
  readonly openMaxMs: number
  /** a silent track, whose trials cost their callers a wait, up to this where it is longer. */
  readonly silentOpenMaxMs: number
  /** How many requests must have tried a half-open track with success before it closes. */
  readonly halfOpenTrials: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** `unreachable` is a failure before anything was sent; `neutral` says nothing about the track. */
export type Outcome = 'success' | 'failure' | 'unreachable' | 'neutral'

/** What a breaker opened for. Silence may still end in an answer; what failed has failed. */
export type OpenCause = 'failures' | 'silence'

/** A place at a track. */
export interface BreakerPlace {
  /** Whether this request tries a track that failed. */
  readonly isTrial: boolean
  /** Something has come of it, in the time in which it was not silent yet. Ends an opening for silence at once. */
  heard(): void
  /** Must be called with the outcome, once; later calls do nothing. */
  leave(outcome: Outcome): void
}

export interface Breaker {
  readonly state: BreakerState
  /** Share of successes in the window, or undefined before anything was counted. */
  readonly successRate: number | undefined
  readonly window: Pick<OutcomeWindow, 'counted' | 'slowRate'>
  /** Until when the track is left alone, in milliseconds from now; 0 when it may be asked. */
  readonly waitMs: number
  /** Whether `enter` would succeed at this moment. */
  readonly isOpenToRequests: boolean
  /** Another instance found the track broken lately: one failure here is enough then. */
  readonly isSuspected: boolean
  /**
   * Takes a place. Throws `circuit_open`, except that whoever has nobody else to ask may ask a track that is only silent.
   */
  enter(isLastResort?: boolean): BreakerPlace
  /** A first content has come, perhaps too late. */
  noteFirstToken(isSlow: boolean): void
  /** Of a call that was sent then (by the monotonic clock), nothing has come for far longer than usual. */
  noteSilence(sentAtMs: number): void
  /** What another instance found, for this long at most. */
  suspect(forMs: number): void
}

export interface BreakerPorts {
  /** What it is called in the refusal. */
  readonly name: string
  readonly clock: Clock
  readonly chance: Chance
  /** Told each time that it opens. */
  readonly onOpen?: (forMs: number, cause: OpenCause) => void
}

/** Instances that opened together do not all try again together. */
const jitterShare = 0.1

export function createBreaker(ports: BreakerPorts, settings: () => BreakerSettings): Breaker {
  return new CircuitBreaker(ports, settings)
}

class CircuitBreaker implements Breaker {
  readonly window: OutcomeWindow
  readonly #ports: BreakerPorts
  readonly #settings: () => BreakerSettings
  #state: BreakerState = 'closed'
  #openUntilMs = 0
  #timesOpened = 0
  #suspectedUntilMs = 0
  #connectErrors = 0
  #silences = 0
  #failuresInRow = 0
  #cause: OpenCause = 'failures'
  #openForMs = 0
  readonly #trials: Trials
  #trialsPassed = 0

  constructor(ports: BreakerPorts, settings: () => BreakerSettings) {
    this.#ports = ports
    this.#settings = settings
    this.window = createOutcomeWindow(ports.clock, () => settings().windowMs)
    this.#trials = createTrials(ports.clock)
  }

  get state(): BreakerState {
    return this.#state === 'open' && this.waitMs === 0 ? 'half-open' : this.#state
  }

  get successRate(): number | undefined {
    return this.window.successRate
  }

  get waitMs(): number {
    return this.#state === 'open' ? Math.max(0, this.#openUntilMs - this.#ports.clock.monotonicMs()) : 0
  }

  get isOpenToRequests(): boolean {
    if (this.#state === 'half-open') return this.#trials.hasRoom
    return this.waitMs === 0
  }

  get isSuspected(): boolean {
    if (this.#state !== 'closed' || this.#suspectedUntilMs === 0) return false
    return this.#suspectedUntilMs > this.#ports.clock.monotonicMs()
  }

  enter(isLastResort = false): BreakerPlace {
    if (this.#state === 'closed') return this.#place(undefined, false)
    if (isLastResort && this.#cause === 'silence' && !this.isOpenToRequests) {
      return this.#place(undefined, true)
    }
    const { name } = this.#ports
    if (this.waitMs > 0) throw circuitOpen(name, this.waitMs)
    if (this.#state === 'open') {
      this.#state = 'half-open'
      this.#trials.begin(this.#openForMs)
    }
    if (!this.#trials.hasRoom) throw circuitOpen(name, this.#settings().openMs)
    return this.#place(this.#trials.start(), false)
  }

  noteFirstToken(isSlow: boolean): void {
    this.window.countFirstToken(isSlow)
    this.#silences = 0
    if (!isSlow || this.#state === 'open') return
    const { minimumRequests, slowRate } = this.#settings()
    const isCrawling = this.window.measured >= minimumRequests && this.window.slowRate >= slowRate
    if (this.#state === 'half-open' || isCrawling) this.#open('failures')
  }

  noteSilence(sentAtMs: number): void {
    if (this.#state === 'open' || sentAtMs < this.#trials.sinceMs) return
    this.#silences++
    const isSilent = this.#silences >= this.#settings().silentCalls
    if (this.#state === 'half-open') this.#open('silence', sentAtMs)
    else if (this.isSuspected || isSilent) this.#open('silence')
  }

  suspect(forMs: number): void {
    if (this.#state !== 'closed') return
    this.#trialsPassed = 0
    this.#suspectedUntilMs = this.#ports.clock.monotonicMs() + forMs
  }

  #place(trial: Trial | undefined, isLastResort: boolean): BreakerPlace {
    let isPending = true
    return {
      isTrial: trial !== undefined,
      heard: () => {
        trial?.heard()
        if (this.#state !== 'closed' && this.#cause === 'silence') this.#close()
      },
      leave: (outcome) => {
        if (!isPending) return
        isPending = false
        if (trial) this.#judgeTrial(outcome, trial)
        else if (isLastResort) this.#judgeLastResort(outcome)
        else this.#judge(outcome)
      },
    }
  }

  #judgeTrial(outcome: Outcome, trial: Trial): void {
    if (outcome === 'success') trial.heard()
    else trial.leave()
    if (!trial.isCurrent || outcome === 'neutral') return
    // It was heard, or others were, and that was enough.
    if (this.#state === 'closed') this.#judge(outcome)
    if (this.#state !== 'half-open') return
    if (outcome !== 'success') this.#open('failures', trial.sentAtMs)
    else if (++this.#trialsPassed >= this.#settings().halfOpenTrials) this.#close()
  }

  #judge(outcome: Outcome): void {
    if (outcome === 'neutral') return
    this.#connectErrors = outcome === 'unreachable' ? this.#connectErrors + 1 : 0
    // A row is one of late: nothing else has been counted since.
    this.#failuresInRow = outcome === 'success' || this.window.counted === 0 ? 0 : this.#failuresInRow
    if (outcome !== 'success') this.#failuresInRow++
    this.window.count(outcome === 'success' ? 'success' : 'failure')
    if (this.#state !== 'closed') return
    if (outcome === 'success') {
      this.#silences = 0
      this.#trust()
      return
    }
    const { minimumRequests, failureRate, connectErrors } = this.#settings()
    const isFailing = this.window.counted >= minimumRequests && this.window.failureRate >= failureRate
    const isRow = this.#failuresInRow >= minimumRequests || this.#connectErrors >= connectErrors
    if (isFailing || isRow || this.isSuspected) this.#open('failures')
  }

  /** It had nobody else to ask: an answer ends the silence, and a failure is what others are kept from. */
  #judgeLastResort(outcome: Outcome): void {
    if (outcome === 'neutral') return
    this.window.count(outcome === 'success' ? 'success' : 'failure')
    if (this.#state === 'closed' || this.#cause !== 'silence') return
    const { minimumRequests, failureRate, halfOpenTrials } = this.#settings()
    if (outcome === 'success') {
      if (++this.#trialsPassed >= halfOpenTrials) this.#close()
    } else if (this.window.counted >= minimumRequests && this.window.failureRate >= failureRate) {
      this.#open('failures')
    }
  }

  /** As many successes as close a half-open breaker outweigh what others say. */
  #trust(): void {
    if (!this.isSuspected) return
    if (++this.#trialsPassed >= this.#settings().halfOpenTrials) this.#suspectedUntilMs = 0
  }

  /** After a trial its time counts from when the trial was sent: the track has been left alone since then. */
  #open(cause: OpenCause, triedAtMs?: number): void {
    const { clock, chance, onOpen } = this.#ports
    const { openMs, openMaxMs, silentOpenMaxMs } = this.#settings()
    const now = clock.monotonicMs()
    const longestMs = cause === 'silence' ? Math.max(openMaxMs, silentOpenMaxMs) : openMaxMs
    const jitter = 1 + jitterShare * chance.fraction()
    this.#openForMs = Math.min(longestMs, openMs * 2 ** this.#timesOpened) * jitter
    this.#openUntilMs = Math.max((triedAtMs ?? now) + this.#openForMs, now + openMs * jitter)
    this.#state = 'open'
    this.#cause = cause
    this.#silences = 0
    this.#timesOpened++
    this.#trialsPassed = 0
    onOpen?.(this.waitMs, cause)
  }

  #close(): void {
    this.#state = 'closed'
    this.#timesOpened = 0
    this.#connectErrors = 0
    this.#failuresInRow = 0
    this.#silences = 0
    this.window.clear()
  }
}

function circuitOpen(name: string, retryAfterMs: number): Problem {
  return new Problem('circuit_open', {
    detail: `${name} failed too often lately and is being left alone.`,
    retryAfterMs,
    facts: { target: name },
  })
}
