/** The silence watch: calls that have waited far longer for their first words than their target ever takes. */
import type { Clock } from '#core/domain/clock.ts'
import { createCrowd } from '#core/domain/crowd.ts'
import type { Member } from '#core/domain/crowd.ts'
import { Problem } from '#core/domain/problem.ts'
import type { DeadlinePhase } from '#core/domain/deadlines.ts'

export interface SilenceSettings {
  /** A call is silent once it has waited this many times the longest wait of late ... */
  readonly factor: number
  /** ... and at least this long; whole answers, whose length nobody knows, six times as long ... */
  readonly leastMs: number
  /** ... and calls to models that think before they speak this long. */
  readonly leastReasoningMs: number
  /** What a thousand tokens of input add to it. */
  readonly perThousandTokensMs: number
}

/** Ends a call from outside; its attempt fails with this. */
export type StopCall = (problem: Problem) => void

/** A call of which nothing has come yet. */
export interface WaitingCall extends Member {
  /** The track that it went to, by identity. */
  readonly of: object
  /** By the monotonic clock, like every time here. */
  readonly sentAtMs: number
  readonly silentAtMs: number
  /** Told once, when that time has come. */
  onSilent(): void
  /** Whether its request has somewhere else to go. */
  mayMoveOn(): boolean
  readonly stop: StopCall
}

/** Ends the watch over a call: whether words came, or nobody waited any more, before it was silent. The first end counts. */
export type EndOfWait = () => 'in time' | 'late'

export interface SilenceWatch {
  watch(call: WaitingCall): EndOfWait
  /** Ends the calls of this track that may move on: all of them, or those that are silent. */
  moveOn(of: object, which: 'all' | 'silent'): void
  /** Looks whose time has come; it does so by itself as well. */
  look(): void
}

/** One tick for all calls, in place of a timer for each. */
const tickMs = 20

export function createSilenceWatch(clock: Clock): SilenceWatch {
  const waiting = createCrowd<WaitingCall>()
  let soonestMs = Number.POSITIVE_INFINITY
  /** What was silent by then has been told. */
  let lookedAtMs = clock.monotonicMs()
  let ticking: NodeJS.Timeout | undefined

  const look = (): void => {
    const now = clock.monotonicMs()
    if (now < soonestMs) return
    soonestMs = Number.POSITIVE_INFINITY
    waiting.each((call) => {
      if (call.silentAtMs > now) soonestMs = Math.min(soonestMs, call.silentAtMs)
      else if (call.silentAtMs > lookedAtMs) call.onSilent()
    })
    lookedAtMs = now
  }
  const tick = (): void => {
    look()
    if (waiting.size > 0) return
    clearInterval(ticking)
    ticking = undefined
  }

  return {
    watch(call) {
      waiting.add(call)
      soonestMs = Math.min(soonestMs, call.silentAtMs)
      ticking ??= setInterval(tick, tickMs).unref()
      let ended: ReturnType<EndOfWait> | undefined
      return () => {
        waiting.remove(call)
        return (ended ??= clock.monotonicMs() < call.silentAtMs ? 'in time' : 'late')
      }
    },
    moveOn(of, which) {
      const now = clock.monotonicMs()
      waiting.each((call) => {
        const isMeant = call.of === of && (which === 'all' || call.silentAtMs <= now)
        if (isMeant && call.mayMoveOn()) call.stop(givenUp(now - call.sentAtMs))
      })
    },
    look,
  }
}

/** A long answer that comes whole takes many times what a short one does, however many short ones came before. */
const wholeShare = 6

/** How long a call may wait before it is silent, given the longest wait of late, which is undefined while little is known. */
export function silentAfterMs(
  settings: SilenceSettings,
  slowestMs: number | undefined,
  call: {
    readonly isStreamed: boolean
    /** Tries a track that failed: whoever does so waits no longer for a whole answer than for a first word. */
    readonly isTrial: boolean
    readonly isThinking: boolean
    readonly inputTokens: number
    /** A first content later than this is slow, whatever is known. */
    readonly slowAfterMs: number
  },
): number {
  const { factor, leastMs, leastReasoningMs, perThousandTokensMs } = settings
  const { isStreamed, isTrial, isThinking, inputTokens, slowAfterMs } = call
  if (slowestMs === undefined) return slowAfterMs
  const usualMs = isThinking ? leastReasoningMs : leastMs
  const least = isStreamed || isTrial ? usualMs : wholeShare * usualMs
  return Math.max(least, factor * slowestMs) + (inputTokens / 1_000) * perThousandTokensMs
}

function givenUp(waitedMs: number): Problem {
  const phase: DeadlinePhase = 'silence'
  const detail = `The provider said nothing for ${Math.round(waitedMs)} ms, like others before, and was given up for another.`
  return new Problem('provider_timeout', { detail, facts: { phase } })
}
