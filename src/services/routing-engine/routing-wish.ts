/** What routing is asked and what it answers: the corridor's words, as this room understands them. */
import type { Dialect } from '#core/domain/chat.ts'
import type { Ability } from '#core/domain/model-card.ts'
import type { Target } from '#core/domain/target.ts'

export interface RoutingWish {
  /** A catalogue name, `provider/name`, an alias or a route; undefined means the default route. */
  readonly modelAsked: string | undefined
  /** More names to try after it, in order. */
  readonly fallbacks: readonly string[]
  readonly needs: ReadonlySet<Ability>
  readonly inputTokens: number
  /** The output limit that the caller stated; 0 when none. */
  readonly outputTokens: number
  readonly taskType: string | undefined
  /** From 0 to 1. */
  readonly quality: number | undefined
  readonly allowedModels: readonly string[] | undefined
  readonly dialect: Dialect | undefined
  /** From 0 (included) to 1 (excluded): the only chance in a decision. */
  readonly seed: number
  readonly nowMs: number
  signalOf(targetName: string): TargetSignal
}

export interface TargetSignal {
  readonly isAvailable: boolean
  readonly successRate: number | undefined
  readonly latencyMs: number | undefined
}

export interface RoutingChoice {
  /** At least one, best first. */
  readonly targets: readonly Target[]
  readonly route: string
  /** One sentence without a full stop. */
  readonly reason: string
}
