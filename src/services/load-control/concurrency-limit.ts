/**
 * How many requests one target is given at once: found by trying, from how soon its answers begin and from its own
 * refusals. A gradient of first-token times (as in Netflix's Gradient2): while they stay as usual the limit grows,
 * when they rise it shrinks in proportion, and a refusal for overload halves it.
 */

export interface ConcurrencyBounds {
  /** Never fewer at once than this. */
  readonly concurrencyMin: number
  /** Never more; also where a target begins that nothing is known of. */
  readonly concurrencyMax: number
}

export interface ConcurrencyLimit {
  /** A whole number within the bounds. */
  readonly current: number
  /** The first-token time that is usual here; undefined before any was seen. */
  readonly usualMs: number | undefined
  /** An answer began; undefined: it came whole. */
  answered(firstTokenMs: number | undefined, round: Round): void
  /** The target refused for overload. */
  refused(round: Round): void
}

/** From the sending of a request to what became of it. */
export interface Round {
  readonly beganAtMs: number
  readonly nowMs: number
  /** Requests at the target at its end. */
  readonly underWay: number
}

/** So many answers are judged together: one alone says more about its question than about the target. */
const windowAnswers = 10
/** First-token times differ by nature: up to twice the usual is no sign of a queue. */
const tolerance = 2
const gradientMin = 0.5
/** How much one window moves the limit. */
const smoothing = 0.2
/** How much one window moves what is usual: about the last hundred windows count. */
const usualWeight = 0.02
const usualWarmUpWindows = 10
/** When answers have become much faster than usual, the usual follows quicker. */
const usualDecay = 0.95
/** A refusal while little was under way is about a quota, not about how much was at once. */
const refusedReferenceMin = 32

export function createConcurrencyLimit(bounds: () => ConcurrencyBounds): ConcurrencyLimit {
  let limit = bounds().concurrencyMax
  const usual = createUsual()
  let answers = 0
  let timed = 0
  let timedSumMs = 0
  let underWayPeak = 0
  let shrunkAtMs = Number.NEGATIVE_INFINITY

  const clamped = (value: number) => {
    const { concurrencyMin, concurrencyMax } = bounds()
    return Math.min(Math.max(value, concurrencyMin), Math.max(concurrencyMin, concurrencyMax))
  }
  const judge = (nowMs: number) => {
    const gradient = timed === 0 ? 1 : usual.gradient(timedSumMs / timed)
    // A target that was not filled has not shown what it can take, and is not slow because of what it was given.
    if (underWayPeak >= limit / 2) {
      const wanted = limit * gradient + Math.sqrt(limit)
      limit = clamped(limit + smoothing * (wanted - limit))
      if (wanted < limit) shrunkAtMs = nowMs
    }
    answers = 0
    timed = 0
    timedSumMs = 0
    underWayPeak = 0
  }

  return {
    get current() {
      return Math.floor(clamped(limit))
    },
    get usualMs() {
      return usual.ms()
    },
    answered(firstTokenMs, { beganAtMs, nowMs, underWay }) {
      // What was sent before the limit shrank cannot show whether that was enough: a crowd shrinks it once.
      if (beganAtMs <= shrunkAtMs) return
      answers++
      underWayPeak = Math.max(underWayPeak, underWay)
      if (firstTokenMs !== undefined) {
        timed++
        timedSumMs += firstTokenMs
      }
      if (answers >= windowAnswers) judge(nowMs)
    },
    refused({ beganAtMs, nowMs, underWay }) {
      // All that were under way when the target refused are one sign, not as many as they are.
      if (beganAtMs <= shrunkAtMs) return
      shrunkAtMs = nowMs
      const reference = Math.max(2 * underWay, refusedReferenceMin)
      limit = clamped(Math.min(clamped(limit), reference) / 2)
    },
  }
}

/** What is usual here, and how far a window is from it. */
function createUsual() {
  let usualMs: number | undefined
  let windows = 0
  return {
    ms: () => usualMs,
    /** Learns a window's first-token time; 1 when it is no sign of a queue, down to `gradientMin` when it is. */
    gradient(shortMs: number): number {
      windows++
      usualMs ??= shortMs
      const weight = windows <= usualWarmUpWindows ? 1 / windows : usualWeight
      usualMs += Math.max(usualWeight, weight) * (shortMs - usualMs)
      if (usualMs > shortMs * tolerance) usualMs *= usualDecay
      return Math.min(1, Math.max(gradientMin, (tolerance * usualMs) / Math.max(shortMs, 1)))
    },
  }
}
