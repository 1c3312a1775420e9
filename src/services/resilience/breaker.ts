/** A circuit breaker: leaves a failing target alone for a while, then lets a few real requests try it again. */
import type { Clock } from '#core/domain/clock.ts'
import { Problem } from '#core/domain/problem.ts'
import { createOutcomeWindow } from '#services/resilience/outcome-window.ts'

export interface BreakerSettings {
  /** The time over which outcomes are counted. */
  readonly windowMs: number
  /** Opens at this share of failures ... */
  readonly failureRate: number
  /** ... once at least this many requests were counted. */
  readonly minimumRequests: number
  readonly openMs: number
  /** How many requests may try a half-open target at once; as many successes close it. */
  readonly halfOpenTrials: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

export type Outcome = 'success' | 'failure' | 'neutral'

export interface Breaker {
  readonly state: BreakerState
  /** Share of successes in the window, or undefined before anything was counted. */
  readonly successRate: number | undefined
  /** Until when the target is left alone, in milliseconds from now; 0 when it may be asked. */
  readonly waitMs: number
  /** Whether `enter` would succeed at this moment. */
  readonly isOpenToRequests: boolean
  /** Takes a place; the function given back must be called with the outcome, once. Throws `circuit_open`. */
  enter(): (outcome: Outcome) => void
}

export function createBreaker(name: string, clock: Clock, settings: () => BreakerSettings): Breaker {
  const window = createOutcomeWindow(clock, () => settings().windowMs)
  let state: BreakerState = 'closed'
  let openedAtMs = 0
  let trialsRunning = 0
  let trialsPassed = 0
  /** Counts the times that trials began: one that is late says nothing about the next round. */
  let round = 0

  const waitMs = (): number =>
    state === 'open' ? Math.max(0, openedAtMs + settings().openMs - clock.monotonicMs()) : 0
  const open = (): void => {
    state = 'open'
    openedAtMs = clock.monotonicMs()
    trialsPassed = 0
  }
  const close = (): void => {
    state = 'closed'
    window.clear()
  }
  const judgeTrial = (outcome: Outcome, ofRound: number): void => {
    trialsRunning--
    if (state !== 'half-open' || ofRound !== round || outcome === 'neutral') return
    if (outcome === 'failure') open()
    else if (++trialsPassed >= settings().halfOpenTrials) close()
  }
  const judge = (outcome: Outcome): void => {
    if (outcome === 'neutral') return
    window.count(outcome)
    if (outcome === 'success' || state !== 'closed' || window.counted < settings().minimumRequests) return
    if (window.failureRate >= settings().failureRate) open()
  }

  return {
    get state() {
      return state === 'open' && waitMs() === 0 ? 'half-open' : state
    },
    get successRate() {
      return window.successRate
    },
    get waitMs() {
      return waitMs()
    },
    get isOpenToRequests() {
      return waitMs() === 0 && (state === 'closed' || trialsRunning < settings().halfOpenTrials)
    },
    enter() {
      if (waitMs() > 0) throw circuitOpen(name, waitMs())
      if (state === 'open') {
        state = 'half-open'
        round++
      }
      const isTrial = state === 'half-open'
      if (isTrial && trialsRunning >= settings().halfOpenTrials) throw circuitOpen(name, settings().openMs)
      if (isTrial) trialsRunning++
      const ofRound = round
      return once((outcome) => (isTrial ? judgeTrial(outcome, ofRound) : judge(outcome)))
    },
  }
}

function circuitOpen(name: string, retryAfterMs: number): Problem {
  return new Problem('circuit_open', {
    detail: `${name} failed too often lately and is being left alone.`,
    retryAfterMs,
    facts: { target: name },
  })
}

/** A place is left once, whatever its holder says later. */
function once(leave: (outcome: Outcome) => void): (outcome: Outcome) => void {
  let isPending = true
  return (outcome) => {
    if (!isPending) return
    isPending = false
    leave(outcome)
  }
}
