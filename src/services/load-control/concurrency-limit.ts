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

export const createConcurrencyLimit = (bounds: () => ConcurrencyBounds): ConcurrencyLimit =>
  new GradientLimit(bounds)

class GradientLimit implements ConcurrencyLimit {
  readonly #bounds: () => ConcurrencyBounds
  readonly #usual = createUsual()
  #limit: number
  #answers = 0
  #timed = 0
  #timedSumMs = 0
  #underWayPeak = 0
  #shrunkAtMs = Number.NEGATIVE_INFINITY

  constructor(bounds: () => ConcurrencyBounds) {
    this.#bounds = bounds
    this.#limit = bounds().concurrencyMax
  }

  get current(): number {
    return Math.floor(this.#clamped(this.#limit))
  }

  get usualMs(): number | undefined {
    return this.#usual.ms()
  }

  answered(firstTokenMs: number | undefined, { beganAtMs, nowMs, underWay }: Round): void {
    // What was sent before the limit shrank cannot show whether that was enough: a crowd shrinks it once.
    if (beganAtMs <= this.#shrunkAtMs) return
    this.#answers++
    this.#underWayPeak = Math.max(this.#underWayPeak, underWay)
    if (firstTokenMs !== undefined) {
      this.#timed++
      this.#timedSumMs += firstTokenMs
    }
    if (this.#answers >= windowAnswers) this.#judge(nowMs)
  }

  refused({ beganAtMs, nowMs, underWay }: Round): void {
    // All that were under way when the target refused are one sign, not as many as they are.
    if (beganAtMs <= this.#shrunkAtMs) return
    this.#shrunkAtMs = nowMs
    const reference = Math.max(2 * underWay, refusedReferenceMin)
    this.#limit = this.#clamped(Math.min(this.#clamped(this.#limit), reference) / 2)
  }

  #clamped(value: number): number {
    const { concurrencyMin, concurrencyMax } = this.#bounds()
    return Math.min(Math.max(value, concurrencyMin), Math.max(concurrencyMin, concurrencyMax))
  }

  #judge(nowMs: number): void {
    const gradient = this.#timed === 0 ? 1 : this.#usual.gradient(this.#timedSumMs / this.#timed)
    // A target that was not filled has not shown what it can take, and is not slow because of what it was given.
    if (this.#underWayPeak >= this.#limit / 2) {
      const wanted = this.#limit * gradient + Math.sqrt(this.#limit)
      this.#limit = this.#clamped(this.#limit + smoothing * (wanted - this.#limit))
      if (wanted < this.#limit) this.#shrunkAtMs = nowMs
    }
    this.#answers = 0
    this.#timed = 0
    this.#timedSumMs = 0
    this.#underWayPeak = 0
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
