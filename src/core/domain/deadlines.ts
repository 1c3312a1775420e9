/** How long each phase of one call to a provider may take. */

export interface Deadlines {
  readonly connectMs: number
  /** From sending the request to the status line; for a whole answer that is nearly all of it. */
  readonly headersMs: number
  /** From sending the request to the first content of the answer. */
  readonly firstTokenMs: number
  /** Between two pieces of the body. */
  readonly idleMs: number
  readonly totalMs: number
  /** The request's own time ends the wait for the first content, before the settings would. */
  readonly isHurried: boolean
  /** How fast content must go on coming; undefined for models that may fall silent to think. */
  readonly pace?: Pace | undefined
}

/** The deadlines that a model or a route has in place of the usual ones. */
export interface DeadlineChanges {
  readonly headersMs?: number | undefined
  readonly firstTokenMs?: number | undefined
  readonly idleMs?: number | undefined
  readonly totalMs?: number | undefined
}

export interface OwnDeadlines {
  /** By the name of a model, or by provider and model, `provider/model`. */
  readonly ofModels: ReadonlyMap<string, DeadlineChanges>
  readonly ofRoutes: ReadonlyMap<string, DeadlineChanges>
}

export interface Pace {
  readonly tokensPerSecond: number
  /** The span of waiting that is judged at a time. */
  readonly windowMs: number
}

/**
 * Which of them passed, as the problem's `phase` tells it: `deadline` is the request's own, and nobody's fault upstream;
 * `silence` is none of them, but a wait far beyond what the target usually takes.
 */
export type DeadlinePhase = 'headers' | 'first-token' | 'idle' | 'rate' | 'deadline' | 'silence'

/** What a caller's patience leaves for the next call of its request. */
export interface Haste {
  /** What the request has taken so far. */
  readonly elapsedMs: number
  /** How long the caller waits in all; undefined leaves it to the settings. */
  readonly deadlineMs: number | undefined
  /** How long it waits for the answer to begin; undefined leaves it to the settings. */
  readonly beginMs?: number | undefined
  readonly isStreamed: boolean
  /** The route that the request took, where it has deadlines of its own. */
  readonly route?: string | undefined
}
