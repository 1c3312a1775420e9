/** Cool-downs: for how long a limited or refused key is spared, which is no matter of the breaker. */
import type { Problem } from '#core/domain/problem.ts'
import { classOf } from '#services/resilience/error-classes.ts'

export interface CoolDownSettings {
  /** After a limit whose reply does not say how long. */
  readonly limitedMs: number
  /** After a refusal of the key itself: wrong, revoked, missing, without quota. */
  readonly refusedMs: number
  /** However long a provider says. */
  readonly maxMs: number
}

export interface CoolDown {
  readonly kind: 'rest' | 'key-rest'
  readonly forMs: number
}

/** What cools down after this failure, and for how long; undefined when nothing does. */
export function coolDownAfter(problem: Problem, settings: CoolDownSettings): CoolDown | undefined {
  const { rests } = classOf(problem)
  if (rests === 'nothing') return undefined
  const usualMs = problem.code === 'provider_rate_limited' ? settings.limitedMs : settings.refusedMs
  const forMs = Math.min(problem.details.retryAfterMs ?? usualMs, settings.maxMs)
  return forMs > 0 ? { kind: rests === 'key' ? 'key-rest' : 'rest', forMs } : undefined
}
